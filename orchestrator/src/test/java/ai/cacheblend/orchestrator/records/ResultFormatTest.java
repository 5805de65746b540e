package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.run.QualityAnalysis;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import ai.cacheblend.orchestrator.testing.Golden;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Golden files of the records. Their values follow by hand from {@link Samples}: client TTFT is 100
 * and 120 ms for full prefill, 25 and 30 ms for the other arms.
 */
final class ResultFormatTest {
  @TempDir Path folder;

  @Test
  void ttft() throws IOException {
    try (RecordFolder<Trial> files =
        TtftFiles.open(folder, Samples.ttftPlan(), Samples.environment(), false)) {
      Samples.trials().forEach(trial -> files.finished(trial, 1));
      TtftFiles.result(
          files,
          Samples.ttftPlan(),
          Samples.environment(),
          TtftAnalysis.summary(Samples.ttftPlan(), Samples.trials()),
          Samples.trials());
    }

    assertSame("ttft-result.json", folder.resolve("result.json"));
    assertSame("ttft-plan.json", folder.resolve("plan.json"));
    String lines = Files.readString(folder.resolve("trials.jsonl"));
    assertThat(lines.lines()).hasSize(5 * 4);
    Golden.assertSame("ttft-trial.jsonl", lines.lines().findFirst().orElseThrow() + "\n");
  }

  @Test
  void quality() throws IOException {
    try (RecordFolder<Sample> files =
        QualityFiles.open(folder, Samples.qualityPlan(), Samples.environment(), false)) {
      Samples.samples().forEach(sample -> files.finished(sample, 1));
      QualityFiles.result(
          files,
          Samples.qualityPlan(),
          Samples.environment(),
          QualityAnalysis.summary(Samples.qualityPlan(), Samples.samples()),
          Samples.samples(),
          Optional.empty());
    }

    assertSame("quality-result.json", folder.resolve("result.json"));
    String lines = Files.readString(folder.resolve("samples.jsonl"));
    assertThat(lines.lines()).hasSize(3);
    Golden.assertSame("quality-sample.jsonl", lines.lines().findFirst().orElseThrow() + "\n");
  }

  @Test
  void sweep() throws IOException {
    SampleRuns.sweep(folder);

    assertSame("sweep-result.json", folder.resolve("result.json"));
    assertSame("sweep-plan.json", folder.resolve("plan.json"));
  }

  @Test
  void gate() throws IOException {
    SampleRuns.gate(folder);

    assertSame("gate-result.json", folder.resolve("result.json"));
  }

  @Test
  void examples() throws IOException {
    SampleRuns.small(folder);

    assertSame("example.json", folder.resolve("ttft/example.json"));
  }

  private static void assertSame(String golden, Path file) throws IOException {
    Golden.assertSame(golden, Files.readString(file));
  }
}
