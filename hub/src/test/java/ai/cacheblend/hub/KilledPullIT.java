package ai.cacheblend.hub;

import static ai.cacheblend.hub.TestBed.MODEL;
import static ai.cacheblend.hub.TestBed.MODEL_KEY;
import static ai.cacheblend.hub.TestBed.random;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed while they download, and processes that download the same. */
final class KilledPullIT {

  private static final int KILLS = 10;
  private static final int SHARDS = 5;
  private static final int SHARD_BYTES = 2_000_000;
  private static final long SEED = 20261129;
  private static final int LIMIT_SECONDS = 120;

  private final List<MockFile> files = new ArrayList<>();

  @TempDir Path root;
  private TestBed bed;

  @BeforeEach
  void setUp() {
    bed = new TestBed(root);
    files.add(MockFile.git("config.json", "{\"a\":1}"));
    files.add(MockFile.git("tokenizer.json", random(50, 300_000)));
    files.add(MockFile.git("model.safetensors.index.json", "{}"));
    for (int i = 1; i <= SHARDS; i++) {
      files.add(
          MockFile.lfs(
              "model-0000%d-of-0000%d.safetensors".formatted(i, SHARDS), random(i, SHARD_BYTES)));
    }
    bed.server.repository(MODEL_KEY).commit("main", files.toArray(MockFile[]::new));
  }

  @AfterEach
  void tearDown() {
    bed.close();
  }

  private Process start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            PullMain.class.getName(),
            MODEL.id());
    builder.environment().put("HF_ENDPOINT", bed.server.endpoint());
    builder.environment().put("HF_HUB_CACHE", root.toString());
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(root.resolve("output").toFile())
        .start();
  }

  private Set<String> blobs() {
    Set<String> names = new HashSet<>();
    for (MockFile file : files) {
      if (Files.exists(bed.blob(file))) {
        names.add(file.etag());
      }
    }
    return names;
  }

  private static int end(Process process) throws InterruptedException {
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("the process ends").isTrue();
    return process.exitValue();
  }

  /** Each kill comes after a random number of bytes, so that it is somewhere in a transfer. */
  @Test
  void tenKillsDamageNothingAndRepeatNothing() throws IOException, InterruptedException {
    Random random = new Random(SEED);
    AtomicLong sent = new AtomicLong();
    for (int i = 0; i < KILLS; i++) {
      Set<String> whole = blobs();
      bed.server.forgetRequests();
      long limit = sent.get() + 100_000 + random.nextInt(900_000);
      Process process = start();
      bed.server.onSentBytes(
          total -> {
            sent.set(total);
            if (total >= limit) {
              process.destroyForcibly();
            }
          });
      assertThat(end(process)).as("killed").isNotZero();

      assertThat(fetched()).as("kill %d of seed %d", i, SEED).noneMatch(whole::contains);
      assertWholeBlobs();
      assertThat(new HubCache(root).find(MODEL, Revision.MAIN)).isEmpty();
    }
    Set<String> whole = blobs();
    bed.server.forgetRequests();
    bed.server.onSentBytes(sent::set);
    assertThat(end(start())).as(Files.readString(root.resolve("output"))).isZero();

    assertThat(fetched()).noneMatch(whole::contains);
    Snapshot snapshot = new HubCache(root).require(MODEL, Revision.MAIN);
    TestBed.assertHolds(snapshot, files.toArray(MockFile[]::new));
    assertThat(TestBed.files(bed.folder(MODEL).resolve("blobs")))
        .noneMatch(name -> name.endsWith(".incomplete"));
  }

  private List<String> fetched() {
    return bed.server.downloads().stream()
        .map(MockRequest::target)
        .flatMap(
            target ->
                files.stream()
                    .filter(
                        file ->
                            target.contains(file.sha256()) || target.endsWith("/" + file.path()))
                    .map(MockFile::etag))
        .toList();
  }

  private void assertWholeBlobs() {
    for (MockFile file : files) {
      if (Files.exists(bed.blob(file))) {
        assertThat(bed.blob(file)).hasBinaryContent(file.content());
      }
    }
  }

  @Test
  void processesThatDownloadTheSameShareTheWork() throws IOException, InterruptedException {
    List<Process> processes = List.of(start(), start(), start());
    for (Process process : processes) {
      assertThat(end(process)).as(Files.readString(root.resolve("output"))).isZero();
    }
    TestBed.assertHolds(
        new HubCache(root).require(MODEL, Revision.MAIN), files.toArray(MockFile[]::new));
    assertThat(bed.downloadedFrom("storage")).hasSize(SHARDS).doesNotHaveDuplicates();
  }
}
