package ai.cacheblend.orchestrator.csv;

import ai.cacheblend.orchestrator.records.QualityRun;
import ai.cacheblend.orchestrator.records.Sample;
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

  /** One line per arm and metric; the difference is on the lines of the headline metric. */
  public static String summary(QualityRun run) {
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
                "arm_minus_full_prefill_mean",
                "arm_minus_full_prefill_low95",
                "arm_minus_full_prefill_high95",
                "permutation_p",
                "verdict",
                "identical_share"));
    run.arms()
        .forEach(
            (name, arm) ->
                arm.scores()
                    .forEach((metric, score) -> table.row(values(run, name, arm, metric, score))));
    return table.render();
  }

  private static List<Object> values(
      QualityRun run, String name, QualityRun.Arm arm, String metric, Statistics score) {
    boolean headline = metric.equals(run.metric());
    Optional<QualityRun.Difference> difference = arm.difference().filter(d -> headline);
    return Arrays.asList(
        run.dataset(),
        name,
        metric,
        run.n(),
        run.invalid(),
        score.mean(),
        score.std(),
        score.low95(),
        score.high95(),
        difference.map(QualityRun.Difference::mean).orElse(null),
        difference.map(QualityRun.Difference::low95).orElse(null),
        difference.map(QualityRun.Difference::high95).orElse(null),
        difference.map(QualityRun.Difference::permutationP).orElse(null),
        difference.map(QualityRun.Difference::verdict).orElse(null),
        arm.identicalShare().filter(share -> headline).orElse(null));
  }

  /** One line per sample and arm that answered it. */
  public static String answers(QualityRun run) {
    Set<String> metrics = new LinkedHashSet<>();
    run.arms().values().forEach(arm -> metrics.addAll(arm.scores().keySet()));
    List<String> header =
        new ArrayList<>(List.of("id", "worker", "valid", "problem", "prompt_hash", "arm"));
    header.addAll(metrics);
    header.add("client_ttft");
    CsvTable table = new CsvTable(header);
    for (Sample sample : run.samples()) {
      for (Map.Entry<String, Sample.Answer> answer : sample.answers().entrySet()) {
        List<Object> values =
            new ArrayList<>(
                List.of(
                    sample.id(),
                    sample.worker(),
                    sample.valid(),
                    sample.problem().orElse(""),
                    sample.promptHash(),
                    answer.getKey()));
        metrics.forEach(metric -> values.add(answer.getValue().scores().get(metric)));
        values.add(answer.getValue().clientTtft());
        table.row(values);
      }
    }
    return table.render();
  }
}
