package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockHub;
import ai.cacheblend.hub.mock.MockRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills (SIGKILL) a run of a model that only the Hub has, with its worker, at random moments of
 * each phase, and repeats it: nothing damaged is used, and nothing complete is made again.
 */
final class KilledFirstRunIT {

  private static final long SEED = 20261129;
  private static final String MODEL = "acme/tiny";
  private static final String[] COMMAND = {
    "ttft", "--model", MODEL, "--lengths", "512", "--trials", "2"
  };
  private static final String EXPORTING = "worker: exporting ";
  private static final int DOWNLOAD_KILLS = 4;
  private static final long SPARED_BYTES = 64 << 10;

  /** Beginnings of lines at which runs are killed after the download, in order of the phases. */
  private static final List<List<String>> MOMENTS =
      List.of(
          List.of(EXPORTING),
          List.of("worker: weights "),
          List.of("worker: loading "),
          List.of("worker: warming up"),
          List.of("ttft "),
          List.of("worker: using ", "worker: loading ", "worker: warming up", "ttft "));

  private final Random random = new Random(SEED);

  /** By all downloads. */
  private final AtomicLong sentBytes = new AtomicLong();

  @TempDir Path folder;
  private MockHub hub;
  private HubPrograms programs;
  private List<MockFile> files;

  @BeforeEach
  void setUp() throws IOException {
    hub = MockHub.start();
    programs = new HubPrograms(folder, hub);
    files = HubPrograms.checkpoint(Golden.folder("mistral-tiny"));
    hub.repository("models/" + MODEL).commit("main", files.toArray(MockFile[]::new));
  }

  @AfterEach
  void tearDown() {
    hub.close();
  }

  @Test
  void tenKillsDamageNothingAndRepeatNothing() throws IOException, InterruptedException {
    Map<Path, String> exported = Map.of();
    for (int i = 0; i < DOWNLOAD_KILLS + MOMENTS.size(); i++) {
      Map<String, Long> present = blobSizes();
      hub.forgetRequests();
      List<String> lines =
          i < DOWNLOAD_KILLS ? killDownload() : killAtLine(MOMENTS.get(i - DOWNLOAD_KILLS));

      String attempt = "kill %d of seed %d: %s".formatted(i, SEED, String.join("\n", lines));
      assertThat(lines.stream().anyMatch(line -> line.startsWith(EXPORTING)))
          .as(attempt)
          .isEqualTo(i >= DOWNLOAD_KILLS && exported.isEmpty());
      assertFetchedOnlyMissing(present, attempt);
      assertWholeBlobs();
      Map<Path, String> now = publishedExports();
      assertThat(now).as(attempt).containsAllEntriesOf(exported);
      exported = now;
    }
    hub.forgetRequests();
    Program.Outcome last = programs.run(Program.Main.ORCHESTRATOR, COMMAND);
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertThat(hub.downloads()).isEmpty();
    assertThat(last.err()).doesNotContain("downloaded", EXPORTING);
    assertEqualsUndisturbedExport(exported);

    hub.close();
    Program.Outcome offline = programs.run(Program.Main.ORCHESTRATOR, COMMAND);
    assertThat(offline.exitCode()).as(offline.err()).isZero();
  }

  /** Kills the run after a random number of the missing bytes. */
  private List<String> killDownload() throws IOException, InterruptedException {
    long missing =
        files.stream().mapToLong(file -> file.content().length).sum()
            - blobSizes().values().stream().mapToLong(size -> size).sum();
    // Some pieces are left when the process is killed.
    long limit = sentBytes.get() + 1 + random.nextLong(Math.max(1, missing - SPARED_BYTES));
    Process process = programs.builder(Program.Main.ORCHESTRATOR, COMMAND).start();
    hub.onSentBytes(
        total -> {
          sentBytes.accumulateAndGet(total, Math::max);
          if (total >= limit) {
            // The server sends nothing more before the client has ended.
            process.destroyForcibly().onExit().join();
          }
        });
    List<String> lines = readUntil(process, line -> false);
    hub.onSentBytes(total -> sentBytes.accumulateAndGet(total, Math::max));
    assertThat(process.exitValue()).as("killed").isNotZero();
    return lines;
  }

  private List<String> killAtLine(List<String> beginnings)
      throws IOException, InterruptedException {
    String beginning = beginnings.get(random.nextInt(beginnings.size()));
    Process process = programs.builder(Program.Main.ORCHESTRATOR, COMMAND).start();
    List<String> lines = readUntil(process, line -> line.startsWith(beginning));
    assertThat(process.exitValue()).as("killed at %s: %s", beginning, lines).isNotZero();
    return lines;
  }

  /** Lines on standard error; the process and its children are killed at the line of the moment. */
  private static List<String> readUntil(Process process, Predicate<String> moment)
      throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    List<ProcessHandle> killed = List.of();
    try (BufferedReader err = process.errorReader()) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        lines.add(line);
        if (killed.isEmpty() && moment.test(line)) {
          killed = Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
          killed.forEach(ProcessHandle::destroyForcibly);
        }
      }
    } catch (IOException e) {
      assertThat(killed).as(e.toString()).isNotEmpty();
    }
    killed.forEach(handle -> handle.onExit().join());
    assertThat(process.waitFor(Program.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return lines;
  }

  /** A request begins behind the bytes that earlier processes received. */
  private void assertFetchedOnlyMissing(Map<String, Long> present, String attempt) {
    for (MockRequest request : hub.downloads()) {
      MockFile file = file(request.target());
      long begin =
          request.range().map(r -> Long.parseLong(r.replaceAll("\\D+(\\d+)\\D*", "$1"))).orElse(0L);
      assertThat(begin)
          .as("%s; first byte of %s", attempt, file.path())
          .isEqualTo(present.getOrDefault(file.etag(), 0L))
          .isLessThan(file.content().length);
    }
  }

  private MockFile file(String target) {
    String path = target.replaceAll("\\?.*", "");
    return files.stream()
        .filter(file -> path.endsWith("/" + file.path()) || path.endsWith("/" + file.sha256()))
        .findFirst()
        .orElseThrow();
  }

  private Path blob(MockFile file) {
    return programs.hubCache().resolve("models--acme--tiny/blobs").resolve(file.etag());
  }

  /** Bytes of each file in the cache, complete or not. */
  private Map<String, Long> blobSizes() throws IOException {
    Map<String, Long> sizes = new HashMap<>();
    for (MockFile file : files) {
      Path partial = blob(file).resolveSibling(file.etag() + ".cacheblend.incomplete");
      for (Path path : List.of(blob(file), partial)) {
        if (Files.exists(path)) {
          sizes.put(file.etag(), Files.size(path));
        }
      }
    }
    return sizes;
  }

  private void assertWholeBlobs() {
    for (MockFile file : files) {
      if (Files.exists(blob(file))) {
        assertThat(blob(file)).hasBinaryContent(file.content());
      }
    }
  }

  /** Files of the exports that a worker may load, with their hashes. */
  private Map<Path, String> publishedExports() {
    Map<Path, String> hashes = new TreeMap<>();
    for (Path export : list(programs.exports())) {
      if (Files.isDirectory(export) && !export.toString().endsWith(".partial")) {
        list(export).forEach(file -> hashes.put(file, hash(file)));
      }
    }
    return hashes;
  }

  private void assertEqualsUndisturbedExport(Map<Path, String> exported) {
    Path undisturbed = folder.resolve("undisturbed");
    Program.Outcome export =
        programs.run(
            Program.Main.WORKER, "export", "--checkpoint", MODEL, "--out", undisturbed.toString());
    assertThat(export.exitCode()).as(export.err()).isZero();
    Map<Path, String> names = new TreeMap<>();
    exported.forEach((file, hash) -> names.put(file.getFileName(), hash));
    Map<Path, String> expected = new TreeMap<>();
    list(undisturbed).forEach(file -> expected.put(file.getFileName(), hash(file)));
    assertThat(names).isEqualTo(expected);
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.toList();
    } catch (IOException e) {
      return Optional.of(folder)
          .filter(Files::notExists)
          .map(none -> List.<Path>of())
          .orElseThrow();
    }
  }

  private static String hash(Path file) {
    try {
      return MockFile.lfs("", Files.readAllBytes(file)).sha256();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
