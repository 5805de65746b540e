package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.cli.OutputFolder.Mode;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutputFolderTest {
  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plan.json",
        "result.json",
        "trials.jsonl",
        "samples.jsonl",
        "chunks-512/plan.json",
        "pocketwiki/samples.jsonl"
      })
  void folderThatHoldsARunIsRefusedAndKept(String file) throws IOException {
    Path record = record(file);

    assertThatThrownBy(() -> OutputFolder.open(root, Mode.NEW))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining(root.toString())
        .hasMessageContaining("--resume")
        .hasMessageContaining("--overwrite");
    assertThat(record).hasContent("{}");
    // A refusal holds no lock.
    OutputFolder.open(root, Mode.OVERWRITE).close();
  }

  @Test
  void folderWithOtherFilesIsAccepted() throws IOException {
    record("notes.txt");
    record("deeper/still/plan.json");

    try (OutputFolder folder = OutputFolder.open(root, Mode.NEW)) {
      folder.begin(System.err);
    }
    assertThat(root.resolve("notes.txt")).exists();
    assertThat(root.resolve("deeper/still/plan.json")).exists();
  }

  @Test
  void missingFolderIsCreated() {
    try (OutputFolder folder = OutputFolder.open(root.resolve("a/b"), Mode.NEW)) {
      folder.begin(System.err);
      assertThat(root.resolve("a/b")).isDirectory();
    }
  }

  @Test
  void newFolderIsRemovedIfTheRunNeverBegan() {
    OutputFolder.open(root.resolve("a"), Mode.NEW).close();

    assertThat(root.resolve("a")).doesNotExist();
    OutputFolder.open(root, Mode.NEW).close();
    assertThat(root).exists();
  }

  @Test
  void overwriteRemovesTheRunWhenTheNewOneBegins() throws IOException {
    record("plan.json");
    record("result.json");
    record("report.html");
    record("chunks-512/trials.jsonl");
    record("chunks-512/example.json");
    record("chunks-512/notes.txt");
    record("other/notes.txt");

    try (OutputFolder folder = OutputFolder.open(root, Mode.OVERWRITE)) {
      assertThat(root.resolve("plan.json")).exists();
      folder.begin(System.err);
    }

    try (var files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile).map(root::relativize).map(Path::toString))
          .containsExactlyInAnyOrder(".lock", "chunks-512/notes.txt", "other/notes.txt");
    }
  }

  @Test
  void resumeRemovesNothing() throws IOException {
    Path plan = record("plan.json");

    try (OutputFolder folder = OutputFolder.open(root, Mode.RESUME)) {
      folder.begin(System.err);
    }
    assertThat(plan).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"NEW", "RESUME", "OVERWRITE"})
  void secondRunIsRejectedWhileTheFirstHoldsTheLock(Mode second) {
    try (OutputFolder first = OutputFolder.open(root, Mode.NEW)) {
      first.begin(System.err);
      assertThatThrownBy(() -> OutputFolder.open(root, second))
          .isInstanceOf(OutputException.class)
          .hasMessageContaining(root.toString())
          .hasMessageContaining("another run");
    }
    OutputFolder.open(root, second).close();
  }

  @Test
  void otherProcessIsRejectedWhileTheLockIsHeld() throws Exception {
    String holder =
        "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX);"
            + " print('held', flush=True); sys.stdin.read()";
    Process process =
        new ProcessBuilder("python3", "-c", holder, root.resolve(".lock").toString()).start();
    try {
      assertThat(process.inputReader().readLine()).isEqualTo("held");
      assertThatThrownBy(() -> OutputFolder.open(root, Mode.NEW))
          .isInstanceOf(OutputException.class);
    } finally {
      process.destroy();
      process.waitFor();
    }
    OutputFolder.open(root, Mode.NEW).close();
  }

  @Test
  void runsWithoutFolderTakeNoLock() {
    try (OutputFolder folder = OutputFolder.none()) {
      folder.begin(System.err);
    }
  }

  private Path record(String file) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, "{}");
  }
}
