package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A Hub of the tests, a cache folder, and clients that do not really wait. */
final class TestBed implements AutoCloseable {

  /** The same for the server. */
  static final String MODEL_KEY = "models/org/name";

  static final Repository MODEL = Repository.model("org/name");

  final MockHub server = MockHub.start();
  final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());
  final List<String> messages = Collections.synchronizedList(new ArrayList<>());
  long freeBytes = Long.MAX_VALUE;
  final Path root;

  TestBed(Path root) {
    this.root = root;
  }

  /** A client with variables beside endpoint and cache, in pairs of name and value. */
  Hub hub(String... variables) throws HubException {
    Map<String, String> environment =
        new HashMap<>(
            Map.of("HF_ENDPOINT", server.endpoint(), "HF_HUB_CACHE", root.toString(), "HOME", "/"));
    for (int i = 0; i < variables.length; i += 2) {
      environment.put(variables[i], variables[i + 1]);
    }
    PullListener listener = new Messages();
    HubSettings settings = HubSettings.of(environment);
    Retries retries = new Retries(waits::add, listener::message);
    Pull pull = new Pull(settings, new Transport(settings), retries, folder -> freeBytes, listener);
    return new Hub(settings, pull, listener);
  }

  /** Keeps messages; checks that what is received adds up. */
  private final class Messages implements PullListener {
    private long expected;
    private long done;

    @Override
    public synchronized void started(Repository r, int files, long total, long present) {
      expected = total;
      done = present;
    }

    @Override
    public synchronized void received(long bytes) {
      done += bytes;
    }

    @Override
    public synchronized void finished(Snapshot snapshot, int files, long bytes) {
      assertThat(done).as("bytes of the progress").isEqualTo(expected);
    }

    @Override
    public void message(String line) {
      messages.add(line);
    }
  }

  static byte[] random(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  Path folder(Repository repository) {
    return root.resolve(repository.folderName());
  }

  Path blob(MockFile file) {
    return folder(MODEL).resolve("blobs").resolve(file.etag());
  }

  /** Paths of the downloads, without the query. */
  List<String> downloadedFrom(String server) {
    return this.server.downloads().stream()
        .filter(request -> request.server().equals(server))
        .map(request -> request.target().replaceAll("\\?.*", ""))
        .toList();
  }

  /** The snapshot holds these files and no other. */
  static void assertHolds(Snapshot snapshot, MockFile... files) throws IOException {
    assertThat(snapshot.names())
        .containsExactlyInAnyOrderElementsOf(List.of(files).stream().map(MockFile::path).toList());
    for (MockFile file : files) {
      assertThat(snapshot.folder().resolve(file.path())).hasBinaryContent(file.content());
    }
  }

  /** Names of the files in a folder and below. */
  static List<String> files(Path folder) {
    try (var paths = Files.walk(folder)) {
      return paths
          .filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  interface Call {
    Object run() throws IOException;
  }

  static void refuses(HubException.Reason reason, Call call, String... parts) {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(call::run)
        .satisfies(
            e -> {
              assertThat(e.getMessage()).contains(parts).doesNotContain("\n", "hf_");
              assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
            });
  }

  @Override
  public void close() {
    server.close();
  }
}
