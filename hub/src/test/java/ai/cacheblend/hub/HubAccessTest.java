package ai.cacheblend.hub;

import static ai.cacheblend.hub.TestBed.MODEL;
import static ai.cacheblend.hub.TestBed.MODEL_KEY;
import static ai.cacheblend.hub.TestBed.random;
import static ai.cacheblend.hub.TestBed.refuses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.cacheblend.hub.HubException.Reason;
import ai.cacheblend.hub.mock.MockFile;
import ai.cacheblend.hub.mock.MockHub;
import ai.cacheblend.hub.mock.MockRepository;
import ai.cacheblend.hub.mock.MockRepository.Visibility;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens, gated, private and missing repositories, and names that a client must refuse. */
final class HubAccessTest {

  private static final MockFile CONFIG = MockFile.git("config.json", "{\"a\":1}");
  private static final MockFile TOKENIZER = MockFile.git("tokenizer.json", "{\"t\":22}");
  private static final MockFile WEIGHTS = MockFile.lfs("model.safetensors", random(3, 3000));

  @TempDir Path root;
  private TestBed bed;
  private MockRepository repository;

  @BeforeEach
  void setUp() {
    bed = new TestBed(root.resolve("cache"));
    repository = bed.server.repository(MODEL_KEY);
    repository.commit("main", CONFIG, TOKENIZER, WEIGHTS);
  }

  @AfterEach
  void tearDown() {
    bed.close();
  }

  private Snapshot model(String... variables) throws HubException {
    return bed.hub(variables).model(MODEL, Revision.MAIN, ModelFiles.ALL);
  }

  private List<Optional<String>> authorizations(String server) {
    return bed.server.requests().stream()
        .filter(request -> request.server().equals(server))
        .map(request -> request.authorization())
        .distinct()
        .toList();
  }

  @Test
  void theTokenGoesToTheEndpointOnly() throws IOException {
    repository.visibility(Visibility.PRIVATE);
    bed.server.rename("models/old-name", MODEL_KEY);

    bed.hub("HF_TOKEN", MockHub.TOKEN + "\n")
        .model(Repository.model("old-name"), Revision.MAIN, ModelFiles.ALL);

    assertThat(authorizations("hub")).containsExactly(Optional.of("Bearer " + MockHub.TOKEN));
    assertThat(authorizations("storage")).containsExactly(Optional.empty());
  }

  @Test
  void withoutATokenNoneIsSent() throws IOException {
    Path file = Files.writeString(root.resolve("secret"), MockHub.TOKEN);
    model("HF_TOKEN_PATH", file.toString(), "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
    assertThat(authorizations("hub")).containsExactly(Optional.empty());
  }

  @Test
  void readsTheTokenFile() throws IOException {
    repository.visibility(Visibility.GATED);
    Path file = Files.writeString(root.resolve("secret"), MockHub.TOKEN + "\n");
    model("HF_TOKEN_PATH", file.toString());
    assertThat(authorizations("hub")).containsExactly(Optional.of("Bearer " + MockHub.TOKEN));
  }

  @Test
  void aGatedRepositorySaysHowToGetAccess() {
    repository.visibility(Visibility.GATED);
    String page = bed.server.endpoint() + "/org/name";
    refuses(
        Reason.NO_ACCESS,
        this::model,
        "org/name is gated: accept its conditions on " + page + ", then set HF_TOKEN to a token");
    refuses(
        Reason.NO_ACCESS,
        () -> model("HF_TOKEN", MockHub.OTHER_TOKEN),
        "org/name is gated: accept its conditions on " + page,
        "wait until access is granted to the account of the token of HF_TOKEN");
  }

  @Test
  void aMissingRepositoryAndAPrivateOneLookTheSame() {
    repository.visibility(Visibility.PRIVATE);
    for (Repository hidden : List.of(MODEL, Repository.dataset("no/such"))) {
      refuses(
          Reason.NOT_FOUND,
          () -> bed.hub().pull(hidden, Revision.MAIN, List.of("**")),
          hidden.id() + " that is public; check the name, or set HF_TOKEN if it is private");
      refuses(
          Reason.NOT_FOUND,
          () -> bed.hub("HF_TOKEN", MockHub.OTHER_TOKEN).pull(hidden, Revision.MAIN, List.of("**")),
          hidden.id() + " that is public; check the name, and whether the token of HF_TOKEN");
    }
  }

  @Test
  void anInvalidTokenIsNamedByItsOrigin() throws IOException {
    Path file = Files.writeString(root.resolve("secret"), "hf_expired");
    refuses(
        Reason.NO_ACCESS,
        () -> model("HF_TOKEN_PATH", file.toString()),
        "the token of " + file + " is not valid");
  }

  @Test
  void aMissingRevisionIsNamed() {
    refuses(
        Reason.NOT_FOUND,
        () -> bed.hub().model(MODEL, new Revision("v9"), ModelFiles.ALL),
        "org/name has no revision 'v9'");
  }

  @Test
  void aTokenOfSeveralLinesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model("HF_TOKEN", "a\r\nHost: evil"))
        .withMessageStartingWith("HF_TOKEN holds no access token");
    assertThat(bed.server.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../outside.json",
        "/etc/outside.json",
        "a/../../b.json",
        "a//b.json",
        "./b.json",
        "c:\\b.json",
        "C:b.json",
        "a\\\\..\\\\b.json",
        ""
      })
  void refusesFileListsThatLeaveTheSnapshot(String path) {
    repository.commit("main", CONFIG, TOKENIZER, WEIGHTS, MockFile.git(path, "x"));
    refuses(Reason.BAD_RESPONSE, this::model, "the file list of org/name is refused");
    assertThat(bed.server.downloads()).isEmpty();
    assertThat(root.resolve("cache")).doesNotExist();
  }

  @Test
  void quotesNamesInAddresses() throws IOException {
    Repository data = Repository.dataset("org/data");
    MockFile odd = MockFile.git("data/ä b#1%?+&.json", "[1]");
    bed.server.repository("datasets/org/data").commit("refs/convert/parquet", odd);

    LocalFiles files =
        bed.hub().find(data, new Revision("refs/convert/parquet"), List.of("x.json", "data/*"));

    assertThat(files.names()).containsExactly(odd.path());
    assertThat(files.paths().get(0)).hasContent("[1]");
    assertThat(TestBed.files(bed.folder(data).resolve(".no_exist")))
        .containsExactly(files.snapshot().commit() + "/x.json");
  }

  @Test
  void dataSetFilesAreFetchedByAlternative() throws IOException {
    Repository data = Repository.dataset("org/data");
    MockFile first = MockFile.lfs("data/test-00000-of-00002.parquet", random(1, 5000));
    MockFile second = MockFile.lfs("data/test-00001-of-00002.parquet", random(2, 5000));
    MockFile train = MockFile.lfs("data/train-00000-of-00001.parquet", random(3, 5000));
    bed.server.repository("datasets/org/data").commit("main", first, second, train);

    List<String> wanted = List.of("test.json", "data/test-*.parquet");
    LocalFiles files = bed.hub().find(data, Revision.MAIN, wanted);
    assertThat(files.names()).containsExactly(first.path(), second.path());
    TestBed.assertHolds(files.snapshot(), first, second);

    bed.server.forgetRequests();
    assertThat(bed.hub().find(data, Revision.MAIN, wanted)).isEqualTo(files);
    assertThat(bed.server.requests()).isEmpty();
    refuses(
        Reason.NO_SUCH_FILE,
        () -> bed.hub().find(data, Revision.MAIN, List.of("dev.json", "dev-*")),
        "org/data has no dev.json and no dev-*");
    refuses(
        Reason.OFFLINE,
        () -> bed.hub("HF_HUB_OFFLINE", "1").find(data, Revision.MAIN, List.of("data/train-*")),
        "has no data/train-* (org/data)",
        "cacheblend pull --dataset org/data");
  }

  @Test
  void filesOfTheSameContentAreFetchedOnce() throws IOException {
    Repository data = Repository.dataset("org/data");
    MockFile one = MockFile.lfs("a.json", random(1, 5000));
    MockFile same = MockFile.lfs("b.json", random(1, 5000));
    MockFile empty = MockFile.git("empty.json", "");
    bed.server.repository("datasets/org/data").commit("main", one, same, empty);

    TestBed.assertHolds(
        bed.hub().find(data, Revision.MAIN, List.of("*.json")).snapshot(), one, same, empty);
    assertThat(bed.downloadedFrom("storage")).hasSize(1);
  }
}
