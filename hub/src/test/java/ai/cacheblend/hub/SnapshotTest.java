package ai.cacheblend.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SnapshotTest {
  @Test
  void commitOfAFolderInACache() {
    assertThat(Snapshot.commitOf(Path.of("/hub/models--a--b/snapshots/c0ffee"))).contains("c0ffee");
    assertThat(Snapshot.commitOf(Path.of("/hub/models--a--b/snapshots/x/../c0ffee/.")))
        .contains("c0ffee");
  }

  @Test
  void folderOutsideOfACacheHasNoCommit() {
    assertThat(Snapshot.commitOf(Path.of("/data/snapshots/c0ffee"))).isEmpty();
    assertThat(Snapshot.commitOf(Path.of("/hub/models--a--b/snapshots"))).isEmpty();
    assertThat(Snapshot.commitOf(Path.of("/"))).isEmpty();
  }
}
