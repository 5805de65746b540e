package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultFolderTest {
  @TempDir Path folder;

  @BeforeEach
  void write() {
    SampleRuns.small(folder);
  }

  @Test
  void folderOfRunsIsReadWithTtftFirst() {
    List<Result> runs = ResultFolder.read(folder);

    assertThat(runs).hasSize(2);
    assertThat(runs.get(0)).isInstanceOf(TtftResult.class);
    assertThat(runs.get(1)).isInstanceOf(QualityResult.class);
  }

  @Test
  void sweepPrecedesItsPartsAndNothingElseIsRead(@TempDir Path sweep) throws IOException {
    SampleRuns.sweep(sweep);
    SampleRuns.noisy(sweep.resolve("chunks-9"), 1, 1, "left by another sweep");

    List<Result> runs = ResultFolder.read(sweep);

    assertThat(runs)
        .extracting(run -> run.header().folder().getFileName().toString())
        .containsExactly(sweep.getFileName().toString(), "ttft", "pocketwiki");
    SweepResult run = (SweepResult) runs.get(0);
    assertThat(run.contains(runs.get(1))).isTrue();
    assertThat(run.points()).hasSize(4);
    assertThat(run.points().get(1).shape()).isEqualTo(new SweepSummary.Shape(512, 1, 64));
  }

  @Test
  void writtenRunsAreReadBack() {
    TtftResult run = (TtftResult) ResultFolder.read(folder.resolve("ttft")).get(0);

    assertThat(run.header().arms())
        .extracting(PlannedArm::name)
        .containsExactly("full_prefill", "full_kv_reuse", "cacheblend", "chunk-head:k=4");
    assertThat(run.header().model("fingerprint")).isEqualTo("f00d");
    assertThat(run.rows().get(0).arms().get("full_prefill").clientTtft().mean()).isEqualTo(0.11);
    assertThat(run.rows().get(1).arms()).isEmpty();
    assertThat(run.measured(64)).isEqualTo(Samples.trials().subList(1, 4));
    assertThat(run.measured(64).get(2).armRun("full_prefill").problem())
        .contains("reused rows: 1, expected 26");
    assertThat(run.examples().get(0).tokenCount()).isEqualTo(7);
    assertThat(run.examples().get(0).arms().get("cacheblend").scores()).containsEntry(3, 4.0);
  }

  @Test
  void incompleteLastLineIsSkipped() throws IOException {
    Path rows = folder.resolve("ttft/trials.jsonl");
    Files.writeString(rows, "{\"plan_id\":", StandardOpenOption.APPEND);

    assertThat(((TtftResult) ResultFolder.read(folder.resolve("ttft")).get(0)).trials()).hasSize(5);
  }

  @Test
  void unfinishedRunIsReported() throws IOException {
    Files.delete(folder.resolve("ttft/result.json"));

    assertRefused(folder.resolve("ttft"), "the run is not finished; continue it with --resume");
  }

  @Test
  void folderWithoutARunIsReported() throws IOException {
    assertRefused(folder.resolve("nowhere"), "nowhere is not a directory");
    assertRefused(Files.createDirectory(folder.resolve("empty")), "has no result.json");
  }

  @Test
  void otherFormatVersionIsReported() throws IOException {
    SampleRuns.edit(
        folder.resolve("ttft/result.json"), "\"format_version\" : 3", "\"format_version\" : 2");

    assertRefused(folder, "format_version is 2; this version reads 3; run the benchmark again");
  }

  @Test
  void missingFieldIsReportedWithFileAndPath() throws IOException {
    SampleRuns.edit(folder.resolve("ttft/trials.jsonl"), "\"prompt_hash\"", "\"hash\"");

    assertRefused(folder, "trials.jsonl:1 has no field prompt_hash");
  }

  @Test
  void fieldOfAnotherTypeIsReported() throws IOException {
    SampleRuns.edit(folder.resolve("ttft/result.json"), "\"length\" : 64", "\"length\" : \"64\"");

    assertRefused(folder, "rows[0]: length is \"64\"; expected an integer");
  }

  private static void assertRefused(Path path, String message) {
    assertThatThrownBy(() -> ResultFolder.read(path))
        .isInstanceOf(RecordException.class)
        .hasMessageContaining(message);
  }
}
