package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HubCacheTest {

  private static final Repository MODEL = Repository.model("org/name");

  @TempDir Path root;
  private CacheFixture fixture;
  private HubCache cache;

  @BeforeEach
  void setUp() {
    fixture = new CacheFixture(root, MODEL);
    cache = new HubCache(root);
  }

  @Test
  void readsAFileThroughItsRelativeLink() throws IOException {
    fixture.ref("main", "abc\n");
    Path link = fixture.file("abc", "data/config.json", "{}");

    Snapshot snapshot = cache.require(MODEL, Revision.MAIN);

    assertThat(snapshot.commit()).isEqualTo("abc");
    assertThat(snapshot.file("data/config.json")).hasValue(link);
    assertThat(link).hasContent("{}");
    assertThat(snapshot.file("tokenizer.json")).isEmpty();
  }

  @Test
  void findsBranchesPullRequestsAndCommits() throws IOException {
    fixture.snapshot("abc");
    fixture.snapshot("def");
    fixture.ref("v1.0", "abc");
    fixture.ref("refs/pr/3", "def");

    assertThat(cache.require(MODEL, new Revision("v1.0")).commit()).isEqualTo("abc");
    assertThat(cache.require(MODEL, new Revision("refs/pr/3")).commit()).isEqualTo("def");
    assertThat(cache.require(MODEL, new Revision("def")).commit()).isEqualTo("def");
    assertThat(cache.find(MODEL, Revision.MAIN)).isEmpty();
    assertThat(cache.find(MODEL, new Revision("0123"))).isEmpty();
  }

  @Test
  void listsTheMainBranchFirstAndEachCommitOnce() throws IOException {
    for (String commit : new String[] {"c", "a", "b"}) {
      fixture.snapshot(commit);
    }
    fixture.ref("main", "b");

    assertThat(cache.all(MODEL)).extracting(Snapshot::commit).containsExactly("b", "a", "c");
    assertThat(cache.all(Repository.dataset("org/name"))).isEmpty();
  }

  @Test
  void modelsAndDatasetsAreSeparate() throws IOException {
    CacheFixture dataset = new CacheFixture(root, Repository.dataset("org/name"));
    dataset.snapshot("abc");
    dataset.ref("main", "abc");

    assertThat(cache.find(MODEL, Revision.MAIN)).isEmpty();
    assertThat(cache.require(dataset.repository(), Revision.MAIN).folder())
        .isEqualTo(root.resolve("datasets--org--name/snapshots/abc"));
  }

  @Test
  void namesTheDownloadCommandOfWhatIsMissing() {
    refuses(
        () -> cache.require(MODEL, Revision.MAIN),
        "the Hugging Face cache has no "
            + root.resolve("models--org--name/refs/main")
            + "; download it with: cacheblend pull org/name");
    refuses(
        () -> cache.require(Repository.dataset("d"), Revision.MAIN),
        "download it with: cacheblend pull --dataset d");
  }

  @Test
  void refusesARefWithoutItsSnapshot() throws IOException {
    fixture.ref("main", "abc");
    refuses(() -> cache.require(MODEL, Revision.MAIN), "names the commit 'abc', which is not in");
    fixture.ref("main", "../../secret");
    refuses(() -> cache.find(MODEL, Revision.MAIN), "names the commit '../../secret'");
    assertThat(cache.all(MODEL)).isEmpty();
  }

  @Test
  void namesADanglingLink() throws IOException {
    fixture.ref("main", "abc");
    Path link = fixture.file("abc", "model.safetensors", "weights");
    Files.delete(fixture.blobOf(link));

    refuses(
        () -> cache.require(MODEL, Revision.MAIN).file("model.safetensors"),
        link + " is a dangling link to ../../blobs/",
        "download it again with: cacheblend pull org/name");
  }

  @Test
  void namesAGitLfsPointer() throws IOException {
    fixture.ref("main", "abc");
    Path link =
        fixture.file(
            "abc",
            "tokenizer.json",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9085657\n");

    refuses(
        () -> cache.require(MODEL, Revision.MAIN).file("tokenizer.json"),
        link + " is a Git LFS pointer");
    assertThat(FileDefect.of(Files.writeString(root.resolve("short"), "version"))).isEmpty();
    assertThat(FileDefect.of(root.resolve("absent"))).isEmpty();
  }

  private interface Call {
    Object run() throws IOException;
  }

  private static void refuses(Call call, String... parts) {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(call::run)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }
}
