package ai.cacheblend.orchestrator.csv;

import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SelectorRanking;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.SweepResult;
import ai.cacheblend.orchestrator.records.SweepSummary;
import ai.cacheblend.orchestrator.records.TierPoint;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The points of a sweep as CSV. Durations are in seconds. */
public final class SweepCsv {
  private SweepCsv() {}

  /** One line per point. */
  public static String points(SweepResult run) {
    CsvTable table =
        new CsvTable(
            List.of(
                "arm",
                "chunk_tokens",
                "chunks",
                "length",
                "dataset",
                "metric",
                "charged_budget",
                "ttft_charged_budget",
                "client_ttft_n",
                "client_ttft_mean",
                "client_ttft_std",
                "speedup_geometric_mean",
                "speedup_low95",
                "speedup_high95",
                "score_n",
                "score_mean",
                "arm_minus_full_prefill_mean",
                "arm_minus_full_prefill_low95",
                "arm_minus_full_prefill_high95",
                "verdict",
                "pass_p",
                "retention",
                "retention_low95",
                "retention_high95",
                "frontier",
                "frontier_resolved"));
    run.points().forEach(point -> table.row(values(point)));
    return table.render();
  }

  /** One line per arm, prompt shape and tier. The throttle is in bytes per second. */
  public static String tiers(SweepResult run) {
    CsvTable table =
        new CsvTable(
            List.of(
                "arm",
                "recompute_ratio",
                "tier",
                "throttle",
                "chunk_tokens",
                "chunks",
                "length",
                "client_ttft_n",
                "client_ttft_mean",
                "client_ttft_std",
                "client_ttft_median",
                "client_ttft_low95",
                "client_ttft_high95",
                "speedup_geometric_mean",
                "speedup_low95",
                "speedup_high95",
                "over_device_geometric_mean",
                "over_device_low95",
                "over_device_high95",
                "hidden_share"));
    for (TierPoint point : run.tiers()) {
      Optional<SpeedUpStatistics> speedUp = point.speedUp();
      Optional<SpeedUpStatistics> over = point.overDevice();
      table.row(
          Arrays.asList(
              point.arm(),
              orNull(point.ratio()),
              point.tier(),
              point.throttle().isPresent() ? point.throttle().getAsLong() : null,
              point.shape().chunkTokens(),
              point.shape().chunkCount(),
              point.shape().length(),
              point.clientTtft().n(),
              point.clientTtft().mean(),
              point.clientTtft().std(),
              point.clientTtft().median(),
              point.clientTtft().low95(),
              point.clientTtft().high95(),
              speedUp.map(SpeedUpStatistics::geometricMean).orElse(null),
              speedUp.map(SpeedUpStatistics::low95).orElse(null),
              speedUp.map(SpeedUpStatistics::high95).orElse(null),
              over.map(SpeedUpStatistics::geometricMean).orElse(null),
              over.map(SpeedUpStatistics::low95).orElse(null),
              over.map(SpeedUpStatistics::high95).orElse(null),
              orNull(point.hidden())));
    }
    return table.render();
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /** One line per comparison of two selectors at a charged budget. */
  public static String ranking(SweepResult run) {
    CsvTable table =
        new CsvTable(
            List.of(
                "dataset",
                "chunk_tokens",
                "charged_budget",
                "first",
                "second",
                "first_minus_second",
                "low95",
                "high95",
                "p",
                "p_holm",
                "resolved"));
    for (SelectorRanking ranking : run.summary().rankings()) {
      for (SelectorRanking.Level level : ranking.levels()) {
        for (SelectorRanking.Comparison of : level.comparisons()) {
          table.row(
              List.of(
                  ranking.dataset(),
                  ranking.chunkTokens(),
                  level.chargedBudget(),
                  of.first(),
                  of.second(),
                  of.difference(),
                  of.low95(),
                  of.high95(),
                  of.p(),
                  of.holmP(),
                  of.resolved()));
        }
      }
    }
    return table.render();
  }

  private static List<Object> values(SweepSummary.Point point) {
    Optional<SpeedUpStatistics> speedUp = point.speedUp();
    Optional<ScoreDifference> difference = point.armMinusFullPrefill();
    return Arrays.asList(
        point.arm(),
        point.shape().chunkTokens(),
        point.shape().chunkCount(),
        point.shape().length(),
        point.dataset(),
        point.metric(),
        point.chargedBudget(),
        point.ttftChargedBudget(),
        point.clientTtft().n(),
        point.clientTtft().mean(),
        point.clientTtft().std(),
        speedUp.map(SpeedUpStatistics::geometricMean).orElse(null),
        speedUp.map(SpeedUpStatistics::low95).orElse(null),
        speedUp.map(SpeedUpStatistics::high95).orElse(null),
        point.score().n(),
        point.score().mean(),
        difference.map(ScoreDifference::mean).orElse(null),
        difference.map(ScoreDifference::low95).orElse(null),
        difference.map(ScoreDifference::high95).orElse(null),
        difference.map(ScoreDifference::verdict).orElse(null),
        difference.map(ScoreDifference::passPValue).orElse(null),
        point.retention().map(Retention::ratio).orElse(null),
        point.retention().map(Retention::low95).orElse(null),
        point.retention().map(Retention::high95).orElse(null),
        point.onFrontier(),
        point.resolved());
  }
}
