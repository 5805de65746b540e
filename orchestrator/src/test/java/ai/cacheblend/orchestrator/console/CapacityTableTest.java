package ai.cacheblend.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.load.LoadAnalysis;
import ai.cacheblend.orchestrator.records.LoadSummary;
import ai.cacheblend.orchestrator.testing.LoadSamples;
import org.junit.jupiter.api.Test;

final class CapacityTableTest {
  private final LoadSummary summary =
      LoadAnalysis.summary(LoadSamples.searchPlan(), LoadSamples.searchSlices(1, 1));

  @Test
  void ofASearchTheCapacitiesAndTheirRatioArePrinted() {
    String table = LoadTable.render(summary, Columns.STANDARD);

    assertThat(table)
        .contains("Highest rate that meets ttft:p90=500ms,itl:p95=50ms, in requests/s:")
        .containsPattern("full_prefill +4\\.04 +3\\.59 to 4\\.55 +ttft:p90=500ms +10\n")
        .contains(
            "full_kv_reuse sustains 3.91 times the rate of full_prefill (95 %: 3.47 to 4.41).")
        .doesNotContain("TTFT p50");
    assertThat(table.lines()).allMatch(line -> line.length() <= 80);
  }

  @Test
  void theLevelsAreInTheWideTable() {
    assertThat(LoadTable.render(summary, Columns.ALL)).contains("TTFT p50").contains("16.95");
  }
}
