package ai.cacheblend.hub;

import static ai.cacheblend.hub.TestBed.MODEL;
import static ai.cacheblend.hub.TestBed.MODEL_KEY;
import static ai.cacheblend.hub.TestBed.assertHolds;
import static ai.cacheblend.hub.TestBed.random;
import static ai.cacheblend.hub.TestBed.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.hub.HubException.Reason;
import ai.cacheblend.hub.mock.MockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files of a model are fetched, where they go, and when the cache suffices. */
final class HubModelTest {

  private static final MockFile CONFIG = MockFile.git("config.json", "{\"a\":1}");
  private static final MockFile TOKENIZER = MockFile.git("tokenizer.json", "{\"t\":22}");
  private static final MockFile SHARD_1 =
      MockFile.lfs("model-00001-of-00002.safetensors", random(1, 100_000));
  private static final MockFile SHARD_2 =
      MockFile.xet("model-00002-of-00002.safetensors", random(2, 50_001));
  private static final MockFile INDEX = MockFile.git("model.safetensors.index.json", "{}");
  private static final MockFile SINGLE = MockFile.lfs("model.safetensors", random(3, 70_000));

  @TempDir Path root;
  private TestBed bed;

  @BeforeEach
  void setUp() {
    bed = new TestBed(root);
  }

  @AfterEach
  void tearDown() {
    bed.close();
  }

  private String commit(MockFile... files) {
    return bed.server.repository(MODEL_KEY).commit("main", files);
  }

  private Snapshot model(String... variables) throws HubException {
    return bed.hub(variables).model(MODEL, Revision.MAIN, ModelFiles.ALL);
  }

  @Test
  void fetchesWhatAnExportReadsAndNothingElse() throws IOException {
    commit(
        MockFile.git(".gitattributes", "*.safetensors filter=lfs"),
        MockFile.git("README.md", "card"),
        MockFile.lfs("consolidated.safetensors", random(4, 1000)),
        MockFile.lfs("original/model.safetensors", random(5, 1000)),
        MockFile.lfs("pytorch_model-00001-of-00002.bin", random(6, 1000)),
        MockFile.lfs("model.fp16.safetensors", random(7, 1000)),
        MockFile.lfs("model-q4.gguf", random(8, 1000)),
        CONFIG,
        TOKENIZER,
        SHARD_1,
        SHARD_2,
        INDEX);

    Snapshot snapshot = model();

    assertHolds(snapshot, CONFIG, TOKENIZER, SHARD_1, SHARD_2, INDEX);
    assertThat(bed.downloadedFrom("storage")).hasSize(2);
    assertThat(bed.downloadedFrom("hub").stream().distinct()).hasSize(5 + 2); // 2 redirects inside
  }

  @Test
  void writesTheLayoutOfTheHuggingFaceLibraries() throws IOException {
    String commit = commit(CONFIG, SINGLE);

    Snapshot snapshot = model();

    Path folder = root.resolve("models--org--name");
    assertThat(snapshot.folder()).isEqualTo(folder.resolve("snapshots").resolve(commit));
    assertThat(folder.resolve("refs/main")).hasContent(commit);
    assertThat(Files.readSymbolicLink(snapshot.folder().resolve("model.safetensors")))
        .isEqualTo(Path.of("../../blobs", SINGLE.sha256()));
    assertThat(Files.readSymbolicLink(snapshot.folder().resolve("config.json")))
        .isEqualTo(Path.of("../../blobs", CONFIG.gitId()));
    assertThat(folder.resolve(".no_exist").resolve(commit).resolve("tokenizer.json")).isEmptyFile();
    assertThat(TestBed.files(folder.resolve("blobs")))
        .containsExactlyInAnyOrder(SINGLE.sha256(), CONFIG.gitId());
    assertThat(TestBed.files(root.resolve(".locks/models--org--name")))
        .containsExactlyInAnyOrder(SINGLE.sha256() + ".lock", CONFIG.gitId() + ".lock");
    assertThat(TestBed.files(folder)).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void theSingleFilePrecedesShards() throws IOException {
    commit(CONFIG, TOKENIZER, SHARD_1, SHARD_2, INDEX, SINGLE);
    assertHolds(model(), CONFIG, TOKENIZER, SINGLE);
  }

  @Test
  void leavesATokenizerModelOutBesideATokenizer() throws IOException {
    MockFile sentencePiece = MockFile.lfs("tokenizer.model", random(7, 10));
    commit(CONFIG, TOKENIZER, sentencePiece, SINGLE);
    assertHolds(model(), CONFIG, TOKENIZER, SINGLE);
  }

  @Test
  void takesATokenizerModelAlone() throws IOException {
    MockFile sentencePiece = MockFile.lfs("tokenizer.model", random(7, 10));
    commit(CONFIG, sentencePiece, SINGLE);
    assertHolds(model(), CONFIG, sentencePiece, SINGLE);
  }

  @Test
  void randomWeightsNeedNoWeights() throws IOException {
    commit(CONFIG, TOKENIZER, SINGLE);
    Hub hub = bed.hub();

    assertHolds(hub.model(MODEL, Revision.MAIN, ModelFiles.WITHOUT_WEIGHTS), CONFIG, TOKENIZER);
    assertHolds(hub.model(MODEL, Revision.MAIN, ModelFiles.ALL), CONFIG, TOKENIZER, SINGLE);
  }

  @Test
  void refusesARepositoryThatCannotBeExported() {
    commit(CONFIG, MockFile.lfs("pytorch_model.bin", random(1, 10)));
    refuses(
        Reason.NO_SUCH_FILE,
        this::model,
        "org/name has no weights as model.safetensors, alone or in shards, only pytorch_model.bin");
    commit(MockFile.git("README.md", "x"));
    refuses(Reason.NO_SUCH_FILE, this::model, "org/name has no config.json");
    assertThat(bed.server.downloads()).isEmpty();
  }

  @Test
  void whatIsInTheCacheNeedsNoRequest() throws IOException {
    commit(CONFIG, TOKENIZER, SINGLE);
    Snapshot first = model();
    commit(CONFIG, TOKENIZER, MockFile.lfs("model.safetensors", random(9, 10)));
    bed.server.forgetRequests();

    assertThat(model()).isEqualTo(first);
    assertThat(model("HF_HUB_OFFLINE", "1")).isEqualTo(first);
    assertThat(bed.server.requests()).isEmpty();
  }

  @Test
  void pullMovesToTheNewestCommitAndKeepsWhatDidNotChange() throws IOException {
    commit(CONFIG, TOKENIZER, SINGLE);
    Snapshot first = model();
    MockFile changed = MockFile.lfs("model.safetensors", random(9, 10));
    commit(CONFIG, TOKENIZER, changed);
    bed.server.forgetRequests();

    Snapshot second = bed.hub().pullModel(MODEL, Revision.MAIN, ModelFiles.ALL).snapshot();

    assertHolds(second, CONFIG, TOKENIZER, changed);
    assertHolds(first, CONFIG, TOKENIZER, SINGLE);
    assertThat(bed.downloadedFrom("storage")).hasSize(1);
    assertThat(bed.downloadedFrom("hub")).singleElement().asString().endsWith("model.safetensors");
    assertThat(model()).isEqualTo(second);
  }

  @Test
  void completesWhatAnotherProgramLeftIncomplete() throws IOException {
    String commit = commit(CONFIG, TOKENIZER, SHARD_1, SHARD_2, INDEX);
    CacheFixture other = new CacheFixture(root, MODEL);
    other.ref("main", commit);
    refuses(Reason.CACHE, () -> model("HF_HUB_OFFLINE", "1"), "names the commit '" + commit);

    other.file(commit, "config.json", "{\"a\":1}");
    other.file(commit, "model.safetensors.index.json", "{}");
    other.file(commit, SHARD_1.path(), "too short");
    Files.delete(other.blobOf(other.file(commit, SHARD_2.path(), "gone")));
    refuses(
        Reason.OFFLINE, () -> model("HF_HUB_OFFLINE", "1"), "has no model.safetensors (org/name)");

    assertHolds(model(), CONFIG, TOKENIZER, SHARD_1, SHARD_2, INDEX);
    assertThat(bed.downloadedFrom("storage")).hasSize(2);
    assertThat(bed.downloadedFrom("hub")).noneMatch(path -> path.endsWith("config.json"));
  }

  @Test
  void anotherRevisionHasItsOwnRef() throws IOException {
    commit(CONFIG, TOKENIZER, SINGLE);
    String other =
        bed.server
            .repository(MODEL_KEY)
            .commit("refs/pr/3", CONFIG, TOKENIZER, SHARD_1, SHARD_2, INDEX);

    Hub hub = bed.hub();
    assertThat(hub.model(MODEL, new Revision("refs/pr/3"), ModelFiles.ALL).commit())
        .isEqualTo(other);
    assertThat(root.resolve("models--org--name/refs/refs/pr/3")).hasContent(other);
    assertThat(hub.model(MODEL, new Revision(other), ModelFiles.ALL).commit()).isEqualTo(other);
    assertThat(root.resolve("models--org--name/refs").resolve(other)).doesNotExist();
    assertThat(root.resolve("models--org--name/refs/main")).doesNotExist();
  }

  @Test
  void withoutNetworkTheCacheServesAsItIs() throws IOException {
    String commit = commit(CONFIG, SINGLE);
    CacheFixture other = new CacheFixture(root, MODEL);
    other.ref("main", commit);
    other.file(commit, "config.json", "{}");
    other.file(commit, "model.safetensors", "weights");
    String nowhere = "http://127.0.0.1:1";

    assertThat(model("HF_ENDPOINT", nowhere).commit()).isEqualTo(commit);
    assertThat(bed.messages).singleElement().asString().contains("using ", "cannot be reached");
    refuses(
        Reason.UNREACHABLE,
        () ->
            bed.hub("HF_ENDPOINT", nowhere)
                .model(Repository.model("a/b"), Revision.MAIN, ModelFiles.ALL),
        "127.0.0.1 cannot be reached",
        "HTTPS_PROXY");
    assertThat(bed.waits).isEmpty();
  }

  @Test
  void offlineNamesWhatIsMissing() {
    commit(CONFIG, SINGLE);
    refuses(
        Reason.OFFLINE,
        () -> model("HF_HUB_OFFLINE", "yes"),
        "cache " + root + " has no such model (org/name)",
        "HF_HUB_OFFLINE is set",
        "cacheblend pull org/name");
    refuses(
        Reason.OFFLINE,
        () -> bed.hub("TRANSFORMERS_OFFLINE", "1").pullModel(MODEL, Revision.MAIN, ModelFiles.ALL),
        "HF_HUB_OFFLINE is set; unset it to download org/name");
    assertThat(bed.server.requests()).isEmpty();
  }
}
