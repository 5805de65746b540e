package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The figures of a TTFT run, in seconds, by length. Warm-up and invalid trials are left out of
 * them.
 *
 * @param warmUps how warm each worker was for each length
 * @param warnings what makes the figures doubtful, in one line each
 */
public record TtftSummary(List<Row> rows, List<WarmUpState> warmUps, List<String> warnings) {
  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * One length.
   *
   * @param validCount trials that the figures are of
   * @param arms by name, in the plan's order; empty where no trial is valid
   * @param collect time to store a trial's chunks
   */
  public record Row(
      int length,
      int validCount,
      int invalidCount,
      Map<String, ArmFigures> arms,
      Optional<Summary> collect) {}

  /**
   * One arm at one length.
   *
   * @param clientTtft from sending the call to its first token, seen from here
   * @param workerTtft from being scheduled to the first token, seen by the worker
   * @param phases where client TTFT goes, by the name that records give it
   * @param percentiles of client TTFT
   * @param speedUp full prefill over this arm, by client TTFT; empty without full prefill
   * @param outliers trials that stand apart; the figures hold them
   */
  public record ArmFigures(
      Summary clientTtft,
      Summary workerTtft,
      Map<String, Summary> phases,
      Percentiles percentiles,
      Optional<SpeedUp> speedUp,
      List<TtftOutlier> outliers) {}

  public TtftSummary {
    rows = List.copyOf(rows);
    warmUps = List.copyOf(warmUps);
    warnings = List.copyOf(warnings);
  }

  public static TtftSummary of(TtftPlan plan, List<TtftTrial> trials) {
    List<TtftTrial> measured =
        trials.stream().filter(t -> t.phase() == TtftTrial.Phase.MEASURED).toList();
    return new TtftSummary(
        plan.lengths().stream()
            .map(length -> row(plan, length, ofLength(measured, length)))
            .toList(),
        WarmUpState.all(plan.warmUp(), trials),
        plan.arms().stream()
            .flatMap(arm -> OrderEffect.of(arm.name(), measured).stream())
            .map(OrderEffect::warning)
            .toList());
  }

  private static List<TtftTrial> ofLength(List<TtftTrial> trials, int length) {
    return trials.stream().filter(trial -> trial.length() == length).toList();
  }

  /** Whether every length has a valid trial. */
  public boolean complete() {
    return rows.stream().allMatch(row -> row.validCount > 0);
  }

  private static Row row(TtftPlan plan, int length, List<TtftTrial> trials) {
    List<TtftTrial> valid = trials.stream().filter(TtftTrial::valid).toList();
    Map<String, ArmFigures> arms = new LinkedHashMap<>();
    if (valid.isEmpty()) {
      return new Row(length, 0, trials.size(), arms, Optional.empty());
    }
    for (NamedArm arm : plan.arms()) {
      arms.put(arm.name(), figures(plan, valid, arm));
    }
    double[] collect =
        valid.stream()
            .mapToDouble(t -> t.collect().orElseThrow().clientNanos() / NANOS_PER_SECOND)
            .toArray();
    return new Row(
        length, valid.size(), trials.size() - valid.size(), arms, Optional.of(Summary.of(collect)));
  }

  private static ArmFigures figures(TtftPlan plan, List<TtftTrial> valid, NamedArm arm) {
    double[] client = seconds(valid, arm, GenerateResult::clientTtftNanos);
    Map<String, Summary> phases = new LinkedHashMap<>();
    for (TtftPhase phase : TtftPhase.values()) {
      phases.put(phase.toString(), Summary.of(seconds(valid, arm, phase::nanos)));
    }
    return new ArmFigures(
        Summary.of(client),
        Summary.of(seconds(valid, arm, r -> r.workerDurations().ttftNanos())),
        phases,
        Percentiles.of(client),
        plan.baseline()
            .filter(baseline -> !baseline.equals(arm))
            .map(
                baseline ->
                    SpeedUp.ofPairs(
                        seconds(valid, baseline, GenerateResult::clientTtftNanos), client)),
        TtftOutlier.of(plan, valid, arm));
  }

  private static double[] seconds(List<TtftTrial> trials, NamedArm arm, TtftPhase.Nanos nanos) {
    return trials.stream()
        .mapToDouble(
            trial -> nanos.of(trial.run(arm.name()).result().orElseThrow()) / NANOS_PER_SECOND)
        .toArray();
  }
}
