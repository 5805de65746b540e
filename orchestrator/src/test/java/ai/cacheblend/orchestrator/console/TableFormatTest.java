package ai.cacheblend.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualityAnalysis;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import ai.cacheblend.orchestrator.testing.Golden;
import ai.cacheblend.orchestrator.testing.Samples;
import ai.cacheblend.orchestrator.testing.TierSamples;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Golden files of the tables, with the columns for 80 characters and with all columns. */
final class TableFormatTest {
  @Test
  void ttft() throws IOException {
    golden("ttft-table", ttft(Columns.STANDARD), ttft(Columns.ALL));
  }

  private static String ttft(Columns columns) {
    return TtftTable.render(
        Samples.ttftPlan(),
        TtftAnalysis.summary(Samples.ttftPlan(), Samples.trials(), Samples.LAYERS),
        columns);
  }

  @Test
  void quality() throws IOException {
    golden("quality-table", quality(Columns.STANDARD), quality(Columns.ALL));
  }

  private static String quality(Columns columns) {
    return QualityTable.render(
        Samples.qualityPlan(),
        QualityAnalysis.summary(Samples.qualityPlan(), Samples.samples(), Samples.LAYERS),
        columns);
  }

  @Test
  void gate() throws IOException {
    Gate gate = new Gate(Samples.qualityPlan(), Samples.LAYERS);
    Samples.samples().forEach(gate::add);
    golden(
        "gate-table",
        GateTable.render(Samples.qualityPlan(), gate, Columns.STANDARD),
        GateTable.render(Samples.qualityPlan(), gate, Columns.ALL));
  }

  @Test
  void sweep() throws IOException {
    golden(
        "sweep-table",
        SweepTable.render(Samples.sweepSummary(), Columns.STANDARD),
        SweepTable.render(Samples.sweepSummary(), Columns.ALL));
  }

  @Test
  void tiers() throws IOException {
    golden(
        "tier-table",
        TierTable.render(TierSamples.summary().tiers(), Columns.STANDARD),
        TierTable.render(TierSamples.summary().tiers(), Columns.ALL));
    assertThat(SweepTable.render(TierSamples.summary(), Columns.STANDARD))
        .contains(TierTable.render(TierSamples.summary().tiers(), Columns.STANDARD));
    assertThat(SweepTable.render(Samples.sweepSummary(), Columns.STANDARD))
        .doesNotContain("by tier");
  }

  private static void golden(String name, String standard, String all) throws IOException {
    assertThat(standard.lines()).allMatch(line -> line.length() <= 80);
    Golden.assertSame(name + ".txt", standard);
    Golden.assertSame(name + "-wide.txt", all);
  }
}
