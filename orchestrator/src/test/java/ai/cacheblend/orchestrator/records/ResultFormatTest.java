package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.console.QualityTable;
import ai.cacheblend.orchestrator.console.SweepTable;
import ai.cacheblend.orchestrator.console.TtftTable;
import ai.cacheblend.orchestrator.run.QualitySummary;
import ai.cacheblend.orchestrator.run.SampleResult;
import ai.cacheblend.orchestrator.run.TtftSummary;
import ai.cacheblend.orchestrator.run.TtftTrial;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.Samples;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seals the files that others read. Their figures follow by hand from {@link Samples}: client TTFT
 * of 100 and 120 ms for full prefill, 25 and 30 ms for the others.
 */
final class ResultFormatTest {
  @TempDir Path folder;

  @Test
  void ttft() throws IOException {
    try (RecordFolder<TtftTrial> files =
        TtftFiles.open(folder, Samples.ttftPlan(), Samples.environment(), false)) {
      Samples.trials().forEach(trial -> files.finished(trial, 1));
      TtftFiles.result(
          files,
          Samples.ttftPlan(),
          Samples.environment(),
          TtftSummary.of(Samples.ttftPlan(), Samples.trials()),
          Samples.trials());
    }

    assertSame("ttft-result.json", folder.resolve("result.json"));
    assertSame("ttft-plan.json", folder.resolve("plan.json"));
    String lines = Files.readString(folder.resolve("trials.jsonl"));
    assertThat(lines.lines()).hasSize(5 * 4);
    assertThat(lines.lines().findFirst().orElseThrow() + "\n")
        .isEqualTo(golden("ttft-trial.jsonl"));
  }

  @Test
  void quality() throws IOException {
    try (RecordFolder<SampleResult> files =
        QualityFiles.open(folder, Samples.qualityPlan(), Samples.environment(), false)) {
      Samples.samples().forEach(sample -> files.finished(sample, 1));
      QualityFiles.result(
          files,
          Samples.qualityPlan(),
          Samples.environment(),
          QualitySummary.of(Samples.qualityPlan(), Samples.samples()),
          Samples.samples());
    }

    assertSame("quality-result.json", folder.resolve("result.json"));
    String lines = Files.readString(folder.resolve("samples.jsonl"));
    assertThat(lines.lines()).hasSize(3);
    assertThat(lines.lines().findFirst().orElseThrow() + "\n")
        .isEqualTo(golden("quality-sample.jsonl"));
  }

  @Test
  void sweep() throws IOException {
    SampleRuns.sweep(folder);

    assertSame("sweep-result.json", folder.resolve("result.json"));
    assertSame("sweep-plan.json", folder.resolve("plan.json"));
  }

  @Test
  void tables() throws IOException {
    assertThat(
            TtftTable.render(
                Samples.ttftPlan(), TtftSummary.of(Samples.ttftPlan(), Samples.trials())))
        .isEqualTo(golden("ttft-table.txt"));
    assertThat(
            QualityTable.render(
                Samples.qualityPlan(), QualitySummary.of(Samples.qualityPlan(), Samples.samples())))
        .isEqualTo(golden("quality-table.txt"));
    assertThat(SweepTable.render(Samples.sweepSummary())).isEqualTo(golden("sweep-table.txt"));
  }

  private static void assertSame(String golden, Path file) throws IOException {
    assertThat(Files.readString(file)).isEqualTo(golden(golden));
  }

  private static String golden(String name) throws IOException {
    return Resources.toString(Resources.getResource("golden/" + name), StandardCharsets.UTF_8);
  }
}
