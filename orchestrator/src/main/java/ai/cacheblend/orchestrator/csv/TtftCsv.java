package ai.cacheblend.orchestrator.csv;

import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.KvLoad;
import ai.cacheblend.orchestrator.records.Measure;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.records.TtftSummary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** A TTFT run as CSV. Durations are in seconds. */
public final class TtftCsv {
  private static final List<String> STATISTICS =
      List.of("mean", "std", "median", "min", "max", "low95", "high95");

  private static final List<Measure> PARTS =
      List.of(
          Measure.WORKER_QUEUE,
          Measure.WORKER_KV_LOAD_BUSY,
          Measure.WORKER_KV_LOAD_WAIT,
          Measure.WORKER_PREFILL,
          Measure.WORKER_FIRST_SAMPLE,
          Measure.TRANSPORT);

  private static final int LOAD_COLUMNS = 5;

  private TtftCsv() {}

  /** One line per length and arm. */
  public static String summary(TtftResult run) {
    List<String> header =
        new ArrayList<>(List.of("length", "arm", "charged_budget", "n", "invalid"));
    STATISTICS.forEach(name -> header.add(Measure.CLIENT_TTFT.key() + "_" + name));
    STATISTICS.forEach(name -> header.add(Measure.WORKER_TTFT.key() + "_" + name));
    PARTS.forEach(measure -> header.add(measure.key() + "_mean"));
    header.addAll(
        List.of(
            "speedup_geometric_mean",
            "speedup_low95",
            "speedup_high95",
            "speedup_ratio_of_means",
            "speedup_resolved",
            "tier",
            "throttle"));
    CsvTable table = new CsvTable(header);
    for (TtftSummary.Row row : run.rows()) {
      for (Map.Entry<String, TtftSummary.Arm> arm : row.arms().entrySet()) {
        List<Object> values =
            new ArrayList<>(
                Arrays.asList(
                    row.length(),
                    arm.getKey(),
                    arm.getValue().chargedBudget(),
                    row.n(),
                    row.invalid()));
        values.addAll(values(arm.getValue()));
        values.addAll(place(run));
        table.row(values);
      }
    }
    return table.render();
  }

  /** Where the chunks were, and the limit of the rate of loading in bytes per second. */
  private static List<Object> place(TtftResult run) {
    OptionalLong throttle = run.header().throttle();
    return Arrays.asList(run.header().tier(), throttle.isPresent() ? throttle.getAsLong() : null);
  }

  private static List<Object> values(TtftSummary.Arm arm) {
    List<Object> values = new ArrayList<>();
    values.addAll(values(arm.clientTtft()));
    values.addAll(values(arm.workerTtft()));
    PARTS.forEach(measure -> values.add(arm.time(measure).mean()));
    values.add(arm.speedUp().map(SpeedUpStatistics::geometricMean).orElse(null));
    values.add(arm.speedUp().map(SpeedUpStatistics::low95).orElse(null));
    values.add(arm.speedUp().map(SpeedUpStatistics::high95).orElse(null));
    values.add(arm.speedUp().map(SpeedUpStatistics::ratioOfMeans).orElse(null));
    values.add(arm.speedUp().map(SpeedUpStatistics::resolved).orElse(null));
    return values;
  }

  private static List<Object> values(Statistics s) {
    return List.of(s.mean(), s.std(), s.median(), s.min(), s.max(), s.low95(), s.high95());
  }

  /** One line per row of {@code trials.jsonl}, in the same order. */
  public static String trials(TtftResult run) {
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
    Measure.durations().forEach(measure -> header.add(measure.key()));
    header.addAll(
        List.of(
            "predicted_worker_ttft",
            "kv_load",
            "kv_load_hidden",
            "computed_chunks",
            "recompute_ratio",
            "tier",
            "throttle"));
    CsvTable table = new CsvTable(header);
    run.trials()
        .forEach(
            trial ->
                trial
                    .armRuns()
                    .forEach(
                        armRun -> {
                          List<Object> values = values(trial, armRun);
                          values.addAll(place(run));
                          table.row(values);
                        }));
    return table.render();
  }

  private static List<Object> values(Trial trial, ArmRun armRun) {
    List<Object> values =
        new ArrayList<>(
            List.of(
                trial.phase().key(),
                trial.length(),
                trial.trial(),
                armRun.arm(),
                armRun.order(),
                trial.worker(),
                trial.valid(),
                armRun.problem().orElse(""),
                trial.promptHash()));
    Measure.durations().forEach(measure -> values.add(armRun.seconds(measure).orElse(null)));
    values.addAll(armRun.load().map(TtftCsv::load).orElse(Collections.nCopies(LOAD_COLUMNS, null)));
    return values;
  }

  private static List<Object> load(KvLoad load) {
    return Arrays.asList(
        orNull(load.predictedTtftSeconds()),
        load.seconds(),
        orNull(load.hidden()),
        load.computedChunks(),
        orNull(load.ratio()));
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
