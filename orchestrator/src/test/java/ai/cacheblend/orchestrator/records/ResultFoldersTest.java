package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.testing.SampleRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultFoldersTest {
  @TempDir Path folder;

  @BeforeEach
  void write() {
    SampleRuns.small(folder);
  }

  @Test
  void aFolderOfRunsHoldsThemAllWithTtftFirst() {
    List<Run> runs = ResultFolders.read(folder);

    assertThat(runs).hasSize(2);
    assertThat(runs.get(0)).isInstanceOf(TtftRun.class);
    assertThat(runs.get(1)).isInstanceOf(QualityRun.class);
  }

  @Test
  void aSweepComesBeforeItsPartsAndNothingElse(@TempDir Path sweep) throws IOException {
    SampleRuns.sweep(sweep);
    SampleRuns.noisy(sweep.resolve("chunks-9"), 1, 1, "left by another sweep");

    List<Run> runs = ResultFolders.read(sweep);

    assertThat(runs)
        .extracting(run -> run.facts().folder().getFileName().toString())
        .containsExactly(sweep.getFileName().toString(), "ttft", "pocketwiki");
    SweepRun run = (SweepRun) runs.get(0);
    assertThat(run.has(runs.get(1))).isTrue();
    assertThat(run.points()).hasSize(4);
    assertThat(run.points().get(1).shape()).isEqualTo(new SweepRun.Shape(512, 1, 64));
  }

  @Test
  void whatWasWrittenIsRead() {
    TtftRun run = (TtftRun) ResultFolders.read(folder.resolve("ttft")).get(0);

    assertThat(run.facts().arms())
        .extracting(ArmFacts::name)
        .containsExactly("full_prefill", "full_kv_reuse", "cacheblend", "chunk-head:k=4");
    assertThat(run.facts().model("fingerprint")).isEqualTo("f00d");
    assertThat(run.rows().get(0).arms().get("full_prefill").clientTtft().mean()).isEqualTo(0.11);
    assertThat(run.rows().get(1).arms()).isEmpty();
    assertThat(run.measured(64, "cacheblend")).hasSize(3);
    assertThat(run.measured(64, "full_prefill").get(2).problem())
        .contains("reused rows: 1, expected 26");
    assertThat(run.examples().get(0).tokenCount()).isEqualTo(7);
    assertThat(run.examples().get(0).arms().get("cacheblend").scores()).containsEntry(3, 4.0);
  }

  @Test
  void aLineThatWasNotFinishedIsPassedOver() throws IOException {
    Path rows = folder.resolve("ttft/trials.jsonl");
    Files.writeString(rows, "{\"plan_id\":", StandardOpenOption.APPEND);

    assertThat(((TtftRun) ResultFolders.read(folder.resolve("ttft")).get(0)).trials()).hasSize(20);
  }

  @Test
  void aRunThatHasNotEndedIsNamed() throws IOException {
    Files.delete(folder.resolve("ttft/result.json"));

    assertRefused(folder.resolve("ttft"), "has not ended; continue it with --resume");
  }

  @Test
  void whatIsNoRunIsNamed() throws IOException {
    assertRefused(folder.resolve("nowhere"), "nowhere is not a folder");
    assertRefused(Files.createDirectory(folder.resolve("empty")), "has no result.json");
  }

  @Test
  void anotherFormatIsNamed() throws IOException {
    SampleRuns.edit(
        folder.resolve("ttft/result.json"), "\"format_version\" : 2", "\"format_version\" : 1");

    assertRefused(folder, "format_version 1, this version reads 2");
  }

  @Test
  void aMissingFieldIsNamedWithItsPlace() throws IOException {
    SampleRuns.edit(folder.resolve("ttft/trials.jsonl"), "\"prompt_hash\"", "\"hash\"");

    assertRefused(folder, "trials.jsonl:1 lacks prompt_hash");
  }

  @Test
  void aFieldOfAnotherTypeIsNamed() throws IOException {
    SampleRuns.edit(folder.resolve("ttft/result.json"), "\"length\" : 64", "\"length\" : \"64\"");

    assertRefused(folder, "rows[0]: length is \"64\"; expected an integer");
  }

  private static void assertRefused(Path path, String message) {
    assertThatThrownBy(() -> ResultFolders.read(path))
        .isInstanceOf(ResultsException.class)
        .hasMessageContaining(message);
  }
}
