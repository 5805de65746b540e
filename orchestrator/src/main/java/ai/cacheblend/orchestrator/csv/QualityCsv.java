package ai.cacheblend.orchestrator.csv;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.QualityResult;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A quality run as CSV. */
public final class QualityCsv {
  private QualityCsv() {}

  /** One line per arm and metric. Only lines of the headline metric contain the difference. */
  public static String summary(QualityResult run) {
    CsvTable table =
        new CsvTable(
            List.of(
                "dataset",
                "arm",
                "metric",
                "n",
                "invalid",
                "mean",
                "std",
                "low95",
                "high95",
                "charged_budget",
                "arm_minus_full_prefill_mean",
                "arm_minus_full_prefill_low95",
                "arm_minus_full_prefill_high95",
                "permutation_p",
                "verdict",
                "pass_p",
                "retention",
                "retention_low95",
                "retention_high95",
                "identical_share"));
    run.arms()
        .forEach(
            (name, arm) ->
                arm.scores()
                    .forEach((metric, score) -> table.row(values(run, name, arm, metric, score))));
    return table.render();
  }

  private static List<Object> values(
      QualityResult run, String name, QualitySummary.Arm arm, String metric, Statistics score) {
    boolean headline = metric.equals(run.metric());
    Optional<ScoreDifference> difference = arm.armMinusFullPrefill().filter(d -> headline);
    Optional<Retention> retention = arm.retention().filter(r -> headline);
    return Arrays.asList(
        run.dataset(),
        name,
        metric,
        run.summary().n(),
        run.summary().invalid(),
        score.mean(),
        score.std(),
        score.low95(),
        score.high95(),
        arm.chargedBudget(),
        difference.map(ScoreDifference::mean).orElse(null),
        difference.map(ScoreDifference::low95).orElse(null),
        difference.map(ScoreDifference::high95).orElse(null),
        difference.map(ScoreDifference::permutationP).orElse(null),
        difference.map(ScoreDifference::verdict).orElse(null),
        difference.map(ScoreDifference::passPValue).orElse(null),
        retention.map(Retention::ratio).orElse(null),
        retention.map(Retention::low95).orElse(null),
        retention.map(Retention::high95).orElse(null),
        arm.comparison()
            .filter(c -> headline)
            .map(QualitySummary.Comparison::identicalShare)
            .orElse(null));
  }

  /** One line per sample and arm. */
  public static String answers(QualityResult run) {
    Set<String> metrics = new LinkedHashSet<>();
    run.arms().values().forEach(arm -> metrics.addAll(arm.scores().keySet()));
    List<String> header =
        new ArrayList<>(List.of("id", "worker", "valid", "problem", "prompt_hash", "arm"));
    header.addAll(metrics);
    header.add(Measure.CLIENT_TTFT.key());
    CsvTable table = new CsvTable(header);
    for (Sample sample : run.samples()) {
      for (ArmRun armRun : sample.armRuns()) {
        List<Object> values =
            new ArrayList<>(
                List.of(
                    sample.id(),
                    sample.worker(),
                    sample.valid(),
                    sample.problem().orElse(""),
                    sample.promptHash(),
                    armRun.arm()));
        Map<String, Double> scores = armRun.score().orElseThrow().byMetric();
        metrics.forEach(metric -> values.add(scores.get(metric)));
        values.add(armRun.seconds(Measure.CLIENT_TTFT).orElse(null));
        table.row(values);
      }
    }
    return table.render();
  }
}
