package ai.cacheblend.orchestrator.console;

import ai.cacheblend.orchestrator.run.Gate;
import ai.cacheblend.orchestrator.run.QualityAnalysis;
import ai.cacheblend.orchestrator.run.TtftAnalysis;
import ai.cacheblend.orchestrator.testing.Golden;
import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Golden files of the tables. */
final class TableFormatTest {
  @Test
  void ttft() throws IOException {
    Golden.assertSame(
        "ttft-table.txt",
        TtftTable.render(
            Samples.ttftPlan(), TtftAnalysis.summary(Samples.ttftPlan(), Samples.trials())));
  }

  @Test
  void quality() throws IOException {
    Golden.assertSame(
        "quality-table.txt",
        QualityTable.render(
            Samples.qualityPlan(),
            QualityAnalysis.summary(Samples.qualityPlan(), Samples.samples())));
  }

  @Test
  void gate() throws IOException {
    Gate gate = new Gate(Samples.qualityPlan());
    Samples.samples().forEach(gate::add);
    Golden.assertSame("gate-table.txt", GateTable.render(Samples.qualityPlan(), gate));
  }

  @Test
  void sweep() throws IOException {
    Golden.assertSame("sweep-table.txt", SweepTable.render(Samples.sweepSummary()));
  }
}
