package ai.cacheblend.orchestrator.csv;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.testing.Golden;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.TierSamples;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Seals the tables that others read. */
final class CsvFormatTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    SampleRuns.sweep(folder);
    SampleRuns.edit(
        folder.resolve("ttft/trials.jsonl"),
        "reused rows: 1, expected",
        "\\\"rows\\\",\\nexpected");
  }

  @Test
  void ttft() throws IOException {
    TtftResult run = (TtftResult) ResultFolder.read(folder.resolve("ttft")).get(0);

    Golden.assertSame("ttft-summary.csv", TtftCsv.summary(run));
    Golden.assertSame("ttft-trials.csv", TtftCsv.trials(run));
  }

  @Test
  void quality() throws IOException {
    QualityResult run = (QualityResult) ResultFolder.read(folder.resolve("pocketwiki")).get(0);

    Golden.assertSame("quality-summary.csv", QualityCsv.summary(run));
    Golden.assertSame("quality-answers.csv", QualityCsv.answers(run));
  }

  /** Identifiers, addresses, problems and prompt hashes are read from files that others write. */
  @Test
  void tablesContainNoFormula() throws IOException {
    for (String file : List.of("ttft/trials.jsonl", "pocketwiki/samples.jsonl")) {
      SampleRuns.edit(folder.resolve(file), "gpu1:50051", "=gpu1:50051");
      SampleRuns.edit(folder.resolve(file), "babe", "@babe");
    }
    SampleRuns.edit(folder.resolve("pocketwiki/samples.jsonl"), "item-0", "=cmd|' /C calc'!A0");
    TtftResult ttft = (TtftResult) ResultFolder.read(folder.resolve("ttft")).get(0);
    QualityResult quality = (QualityResult) ResultFolder.read(folder.resolve("pocketwiki")).get(0);

    assertThat(TtftCsv.trials(ttft)).contains(",\"'=gpu1:50051\",", ",\"'@babe\",");
    assertThat(QualityCsv.answers(quality)).contains("\"'=cmd|' /C calc'!A0\",\"'=gpu1:50051\",");
    assertThat(TtftCsv.trials(ttft) + QualityCsv.answers(quality))
        .doesNotContainPattern("(?m)(^|,)\"?[=+@]");
  }

  @Test
  void sweep() throws IOException {
    SweepResult run = (SweepResult) ResultFolder.read(folder).get(0);

    Golden.assertSame("sweep-summary.csv", SweepCsv.points(run));
  }

  @Test
  void sweepOverTiers(@TempDir Path tiers) throws IOException {
    TierSamples.write(tiers);
    SweepResult run = (SweepResult) ResultFolder.read(tiers).get(0);

    List<String> lines = SweepCsv.tiers(run).lines().toList();
    TtftResult limited = (TtftResult) ResultFolder.read(tiers).get(3);
    assertThat(TtftCsv.summary(limited).lines().skip(1))
        .allMatch(line -> line.endsWith(",host,2000000"));
    assertThat(TtftCsv.trials(limited).lines().skip(1))
        .allMatch(line -> line.endsWith(",host,2000000"));
    assertThat(lines).hasSize(1 + 4 + 3 + 3);
    assertThat(lines.get(0))
        .startsWith("arm,recompute_ratio,tier,throttle,chunk_tokens,chunks,length,client_ttft_n,")
        .contains(",speedup_geometric_mean,speedup_low95,speedup_high95,")
        .contains("over_device_geometric_mean")
        .endsWith(",over_device_low95,over_device_high95,hidden_share");
    assertThat(lines.get(1)).startsWith("full_prefill,,device,,16,3,64,3,").endsWith(",,,,,,,");
    assertThat(lines.get(6)).startsWith("cacheblend@0.15,0.15,host,,16,3,64,2,").endsWith(",0.75");
    assertThat(lines.get(10)).startsWith("cacheblend@0.3,0.3,host,2000000,16,3,64,3,");
  }
}
