package ai.cacheblend.orchestrator.page.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TimeChartTest {
  /** Client TTFT 100 ms = queue 5 + prefill 80 + first sample 5 + transport 10. */
  private static Map<Measure, Double> millis(double busy, double waited) {
    Map<Measure, Double> millis = new LinkedHashMap<>();
    millis.put(Measure.CLIENT_TTFT, 100.0);
    millis.put(Measure.WORKER_TTFT, 85.0);
    millis.put(Measure.TRANSPORT, 10.0);
    millis.put(Measure.WORKER_QUEUE, 5.0);
    millis.put(Measure.WORKER_KV_LOAD_BUSY, busy);
    millis.put(Measure.WORKER_KV_LOAD_WAIT, waited);
    millis.put(Measure.WORKER_PREFILL, 80.0);
    millis.put(Measure.WORKER_FIRST_SAMPLE, 5.0);
    return millis;
  }

  @Test
  void overlappedKvLoadIsNotPartOfTtft() {
    // A transfer that runs longer than prefill waits for it: not a part of prefill.
    Map<String, Double> parts = TimeChart.parts(arm(millis(95, 15)));

    assertThat(parts.get("KV load, waited")).isEqualTo(0.015);
    assertThat(parts.get("prefill or blend")).isCloseTo(0.065, within(1e-12));
    assertThat(sum(parts)).isCloseTo(0.1, within(1e-12));
    assertThat(parts.values()).allMatch(seconds -> seconds >= 0);
  }

  @Test
  void negativePartIsReported(@TempDir Path folder) {
    SampleRuns.small(folder);
    TtftResult run = (TtftResult) ResultFolder.read(folder.resolve("ttft")).get(0);
    Map<Measure, Double> broken = millis(95, 90);

    assertThat(TimeChart.parts(arm(broken)).get("prefill or blend"))
        .isCloseTo(-0.01, within(1e-12));
    assertThat(drawing(withArms(run, arm(broken))))
        .contains("FAULT, negative: prefill or blend −10.0 ms");
    assertThat(drawing(run)).doesNotContain("FAULT");
  }

  private static double sum(Map<String, Double> parts) {
    return parts.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  private static String drawing(TtftResult run) {
    return TimeChart.of("time", run, new ArmStyles(List.of(run))).drawing().apply(1000).render();
  }

  private static TtftResult withArms(TtftResult run, TtftSummary.Arm arm) {
    TtftSummary.Row row = run.rows().get(0);
    Map<String, TtftSummary.Arm> arms = new LinkedHashMap<>(row.arms());
    arms.replaceAll((name, old) -> arm);
    return new TtftResult(
        run.header(),
        new TtftSummary(
            List.of(new TtftSummary.Row(row.length(), row.n(), row.invalid(), arms, row.collect())),
            List.of(),
            List.of()),
        run.trials(),
        run.examples());
  }

  private static TtftSummary.Arm arm(Map<Measure, Double> millis) {
    Map<Measure, Statistics> times = new LinkedHashMap<>();
    millis.forEach((measure, value) -> times.put(measure, Statistics.of(value / 1e3)));
    return new TtftSummary.Arm(times, 0.2, Optional.empty(), List.of());
  }
}
