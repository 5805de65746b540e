package ai.cacheblend.orchestrator.csv;

import ai.cacheblend.orchestrator.records.SpeedUpFigures;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftRun;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A TTFT run as CSV. Durations are in seconds. */
public final class TtftCsv {
  private static final List<String> STATISTICS =
      List.of("mean", "std", "median", "min", "max", "low95", "high95");

  private TtftCsv() {}

  /** One line per length and arm. */
  public static String summary(TtftRun run) {
    List<String> header = new ArrayList<>(List.of("length", "arm", "n", "invalid"));
    STATISTICS.forEach(name -> header.add("client_ttft_" + name));
    STATISTICS.forEach(name -> header.add("worker_ttft_" + name));
    header.addAll(
        List.of(
            "queue_mean",
            "kv_load_mean",
            "prefill_mean",
            "first_sample_mean",
            "transport_mean",
            "speedup_geometric_mean",
            "speedup_low95",
            "speedup_high95",
            "speedup_ratio_of_means",
            "speedup_resolved"));
    CsvTable table = new CsvTable(header);
    for (TtftRun.Row row : run.rows()) {
      for (Map.Entry<String, TtftRun.Arm> arm : row.arms().entrySet()) {
        List<Object> values =
            new ArrayList<>(List.of(row.length(), arm.getKey(), row.n(), row.invalid()));
        values.addAll(values(arm.getValue()));
        table.row(values);
      }
    }
    return table.render();
  }

  private static List<Object> values(TtftRun.Arm arm) {
    List<Object> values = new ArrayList<>();
    values.addAll(values(arm.clientTtft()));
    values.addAll(values(arm.workerTtft()));
    values.addAll(
        List.of(
            arm.queue().mean(),
            arm.kvLoad().mean(),
            arm.prefill().mean(),
            arm.firstSample().mean(),
            arm.transport().mean()));
    values.add(arm.speedUp().map(SpeedUpFigures::geometricMean).orElse(null));
    values.add(arm.speedUp().map(SpeedUpFigures::low95).orElse(null));
    values.add(arm.speedUp().map(SpeedUpFigures::high95).orElse(null));
    values.add(arm.speedUp().map(SpeedUpFigures::ratioOfMeans).orElse(null));
    values.add(arm.speedUp().map(SpeedUpFigures::resolved).orElse(null));
    return values;
  }

  private static List<Object> values(Statistics s) {
    return List.of(s.mean(), s.std(), s.median(), s.min(), s.max(), s.low95(), s.high95());
  }

  /** One line per record of {@code trials.jsonl}, in its order. */
  public static String trials(TtftRun run) {
    Set<String> durations = new LinkedHashSet<>();
    run.trials().forEach(trial -> durations.addAll(trial.seconds().keySet()));
    List<String> header =
        new ArrayList<>(
            List.of(
                "phase",
                "length",
                "trial",
                "arm",
                "order",
                "worker",
                "valid",
                "problem",
                "prompt_hash"));
    header.addAll(durations);
    CsvTable table = new CsvTable(header);
    for (Trial trial : run.trials()) {
      List<Object> values =
          new ArrayList<>(
              List.of(
                  trial.measured() ? "measured" : "warmup",
                  trial.length(),
                  trial.trial(),
                  trial.arm(),
                  trial.order(),
                  trial.worker(),
                  trial.valid(),
                  trial.problem().orElse(""),
                  trial.promptHash()));
      durations.forEach(duration -> values.add(trial.seconds().get(duration)));
      table.row(values);
    }
    return table.render();
  }
}
