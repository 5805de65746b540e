package ai.cacheblend.hub;

import static ai.cacheblend.hub.TestBed.MODEL;
import static ai.cacheblend.hub.TestBed.MODEL_KEY;
import static ai.cacheblend.hub.TestBed.assertHolds;
import static ai.cacheblend.hub.TestBed.random;
import static ai.cacheblend.hub.TestBed.refuses;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.HubException.Reason;
import ai.cacheblend.hub.mock.MockFault;
import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Interrupted, damaged, delayed and refused transfers. */
final class HubTransferTest {

  private static final MockFile CONFIG = MockFile.git("config.json", "{\"a\":1}");
  private static final MockFile TOKENIZER = MockFile.git("tokenizer.json", "{\"t\":22}");
  private static final MockFile WEIGHTS = MockFile.lfs("model.safetensors", random(3, 300_000));

  @TempDir Path root;
  private TestBed bed;
  private String commit;

  @BeforeEach
  void setUp() {
    bed = new TestBed(root);
    commit = bed.server.repository(MODEL_KEY).commit("main", CONFIG, TOKENIZER, WEIGHTS);
  }

  @AfterEach
  void tearDown() {
    bed.close();
  }

  private Snapshot model(String... variables) throws HubException {
    return bed.hub(variables).model(MODEL, Revision.MAIN, ModelFiles.ALL);
  }

  private List<Optional<String>> rangesFromStorage() {
    return bed.server.downloads().stream()
        .filter(request -> request.server().equals("storage"))
        .map(MockRequest::range)
        .toList();
  }

  private static Optional<String> from(int offset) {
    return Optional.of("bytes=" + offset + "-");
  }

  @Test
  void continuesAfterABrokenConnection() throws IOException {
    bed.server.plan(WEIGHTS.sha256(), MockFault.truncated(100_000));
    bed.server.plan(WEIGHTS.sha256(), MockFault.truncated(50_000));

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(rangesFromStorage()).containsExactly(Optional.empty(), from(100_000), from(150_000));
    assertThat(bed.waits).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  @Test
  void continuesWhatAnEarlierProcessLeft() throws IOException {
    Path partial = bed.blob(WEIGHTS).resolveSibling(WEIGHTS.etag() + ".cacheblend.incomplete");
    Files.createDirectories(partial.getParent());
    Files.write(partial, Arrays.copyOf(WEIGHTS.content(), 123_456));

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(rangesFromStorage()).containsExactly(from(123_456));
    assertThat(partial).doesNotExist();
  }

  @Test
  void aCompletePartIsNotFetchedAgain() throws IOException {
    Path partial = bed.blob(WEIGHTS).resolveSibling(WEIGHTS.etag() + ".cacheblend.incomplete");
    Files.createDirectories(partial.getParent());
    Files.write(partial, WEIGHTS.content());

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(rangesFromStorage()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 300_000, 400_000})
  void aDamagedPartIsReplaced(int length) throws IOException {
    Path partial = bed.blob(WEIGHTS).resolveSibling(WEIGHTS.etag() + ".cacheblend.incomplete");
    Files.createDirectories(partial.getParent());
    Files.write(partial, random(99, length));

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
  }

  @Test
  void beginsAgainWhereTheServerIgnoresRanges() throws IOException {
    bed.server.plan(WEIGHTS.sha256(), MockFault.truncated(100_000));
    bed.server.plan(WEIGHTS.sha256(), MockFault.rangeIgnored());

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(rangesFromStorage()).containsExactly(Optional.empty(), from(100_000));
  }

  @Test
  void aStalledConnectionIsReplaced() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    bed.server.plan(WEIGHTS.sha256(), MockFault.stalled(100_000, end));

    assertHolds(model("HF_HUB_DOWNLOAD_TIMEOUT", "1"), CONFIG, TOKENIZER, WEIGHTS);
    end.countDown();
    assertThat(rangesFromStorage()).containsExactly(Optional.empty(), from(100_000));
  }

  @Test
  void damagedContentIsFetchedOnceMore() throws IOException {
    bed.server.plan(WEIGHTS.sha256(), MockFault.corrupted());

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(bed.messages).containsExactly("model.safetensors was damaged; downloading it again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "config.json", "tokenizer.json"})
  void damagedContentNeverReachesTheSnapshot(String path) {
    MockFile file =
        Stream.of(CONFIG, TOKENIZER, WEIGHTS)
            .filter(candidate -> candidate.path().equals(path))
            .findFirst()
            .orElseThrow();
    String target = file == WEIGHTS ? file.sha256() : path;
    bed.server.plan(target, MockFault.corrupted());
    bed.server.plan(target, MockFault.corrupted());

    refuses(
        Reason.BAD_RESPONSE,
        this::model,
        path + " of org/name does not have the hash " + file.etag());
    assertThat(bed.blob(file)).doesNotExist();
    assertThat(bed.folder(MODEL).resolve("snapshots")).doesNotExist();
    assertThat(bed.folder(MODEL).resolve("refs")).doesNotExist();
  }

  @Test
  void waitsAsLongAsTheServerAsks() throws IOException {
    bed.server.plan("/revision/main", MockFault.status(429, Map.of("Retry-After", "7")));
    bed.server.plan("/tree/", MockFault.status(429, Map.of("RateLimit", "\"api\";r=0;t=55")));
    bed.server.plan(WEIGHTS.sha256(), MockFault.status(503, Map.of()));
    bed.server.plan(WEIGHTS.sha256(), MockFault.status(500, Map.of()));

    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(bed.waits).extracting(Duration::toSeconds).containsExactly(7L, 55L, 1L, 2L);
    assertThat(bed.messages)
        .containsExactly(
            "127.0.0.1 answers with HTTP 429; trying again in 7 s",
            "127.0.0.1 answers with HTTP 429; trying again in 55 s");
  }

  @Test
  void givesUpAfterSixFailuresWithoutProgress() {
    for (int i = 0; i < 6; i++) {
      bed.server.plan("/revision/main", MockFault.status(502, Map.of()));
    }
    refuses(
        Reason.UNREACHABLE,
        this::model,
        "127.0.0.1 answers with HTTP 502, 6 times; try again later");
    assertThat(bed.waits).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L);
  }

  @Test
  void doesNotWaitForAnHour() {
    bed.server.plan("/revision/main", MockFault.status(429, Map.of("Retry-After", "3600")));
    refuses(Reason.UNREACHABLE, this::model, "HTTP 429, and to wait for 60 minutes", "HF_TOKEN");
    assertThat(bed.waits).isEmpty();
  }

  @Test
  void anExpiredAddressIsReplaced() throws IOException {
    bed.server.plan(WEIGHTS.sha256(), MockFault.status(403, Map.of()));
    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
    assertThat(bed.downloadedFrom("hub"))
        .filteredOn(path -> path.endsWith("safetensors"))
        .hasSize(2);
  }

  @Test
  void refusesAnotherFileThanTheListed() {
    for (Map<String, String> headers :
        List.of(
            Map.of("X-Linked-Etag", "\"" + "0".repeat(64) + "\"", "Location", "/x"),
            Map.of("X-Linked-Size", "8", "Location", "/x"),
            Map.of("X-Repo-Commit", "0".repeat(40), "Location", "/x"))) {
      bed.server.plan("config.json", MockFault.status(302, headers));
      refuses(
          Reason.BAD_RESPONSE,
          this::model,
          "config.json of org/name is not the file of the file list");
    }
  }

  @Test
  void endsRedirectsThatDoNotEnd() {
    for (int i = 0; i < 12; i++) {
      bed.server.plan(
          "/revision/main",
          MockFault.status(302, Map.of("Location", "/api/models/org/name/revision/main")));
    }
    refuses(Reason.BAD_RESPONSE, this::model, "redirects endlessly");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://example.org/x", "http:", "http://a b/"})
  void refusesOddRedirects(String location) {
    bed.server.plan("/revision/main", MockFault.status(302, Map.of("Location", location)));
    refuses(Reason.BAD_RESPONSE, this::model, "is not a web address");
  }

  @Test
  void checksTheFreeSpaceFirst() {
    bed.freeBytes = 300_000;
    refuses(
        Reason.CACHE,
        this::model,
        root + " has 300 kB free, and the download needs 300 kB; free space, or set HF_HUB_CACHE");
    assertThat(bed.server.downloads()).isEmpty();
    assertThat(bed.folder(MODEL)).doesNotExist();
  }

  @Test
  void thePartThatIsThereNeedsNoSpace() throws IOException {
    Path partial = bed.blob(WEIGHTS).resolveSibling(WEIGHTS.etag() + ".cacheblend.incomplete");
    Files.createDirectories(partial.getParent());
    Files.write(partial, Arrays.copyOf(WEIGHTS.content(), 200_000));
    bed.freeBytes = 100_020;
    assertHolds(model(), CONFIG, TOKENIZER, WEIGHTS);
  }

  @Test
  void aCacheThatCannotBeWrittenIsNamed() throws IOException {
    Files.createFile(bed.folder(MODEL));
    refuses(Reason.CACHE, this::model, "cannot be written", "HF_HUB_CACHE");
  }

  @Test
  void refusesAnAnswerThatIsNotOfTheHub() {
    bed.server.plan("/revision/main", MockFault.status(200, Map.of()));
    refuses(Reason.BAD_RESPONSE, this::model, "names no commit of org/name");
    bed.server.plan(
        "/revision/main",
        (exchange, content, from) -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write("<html>Log in</html>".getBytes(UTF_8));
        });
    refuses(Reason.BAD_RESPONSE, this::model, "something else than JSON", "HF_ENDPOINT");
    assertThat(commit).hasSize(40);
  }
}
