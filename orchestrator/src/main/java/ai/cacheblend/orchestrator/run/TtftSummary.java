package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.SpeedUp;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The figures of a TTFT run, in seconds, by length. Warm-up and invalid trials are left out. */
public record TtftSummary(List<Row> rows) {
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
   * @param speedUp full prefill over this arm, by client TTFT; empty without full prefill
   */
  public record ArmFigures(Summary clientTtft, Summary workerTtft, Optional<SpeedUp> speedUp) {}

  public TtftSummary {
    rows = List.copyOf(rows);
  }

  public static TtftSummary of(TtftPlan plan, List<TtftTrial> trials) {
    return new TtftSummary(
        plan.lengths().stream()
            .map(
                length ->
                    row(
                        plan,
                        length,
                        trials.stream()
                            .filter(t -> t.phase() == TtftTrial.Phase.MEASURED)
                            .filter(t -> t.length() == length)
                            .toList()))
            .toList());
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
    Optional<double[]> baseline = plan.baseline().map(arm -> clientTtft(valid, arm));
    for (NamedArm arm : plan.arms()) {
      double[] client = clientTtft(valid, arm);
      double[] worker = seconds(valid, arm, r -> r.workerDurations().ttftNanos());
      arms.put(
          arm.name(),
          new ArmFigures(
              Summary.of(client),
              Summary.of(worker),
              baseline
                  .filter(b -> !plan.baseline().orElseThrow().equals(arm))
                  .map(b -> SpeedUp.ofPairs(b, client))));
    }
    double[] collect =
        valid.stream()
            .mapToDouble(t -> t.collect().orElseThrow().clientNanos() / NANOS_PER_SECOND)
            .toArray();
    return new Row(
        length, valid.size(), trials.size() - valid.size(), arms, Optional.of(Summary.of(collect)));
  }

  private static double[] clientTtft(List<TtftTrial> trials, NamedArm arm) {
    return seconds(trials, arm, GenerateResult::clientTtftNanos);
  }

  private static double[] seconds(
      List<TtftTrial> trials, NamedArm arm, ToDoubleFunction<GenerateResult> nanos) {
    return trials.stream()
        .flatMap(trial -> trial.runs().stream())
        .filter(run -> run.arm().equals(arm.name()))
        .mapToDouble(run -> nanos.applyAsDouble(run.result().orElseThrow()) / NANOS_PER_SECOND)
        .toArray();
  }
}
