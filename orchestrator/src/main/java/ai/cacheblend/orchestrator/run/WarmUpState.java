package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Stability;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.WarmUp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * How warm a worker is for a length.
 *
 * @param trials sound warm-up trials so far
 * @param worst what moves most for what it may; empty while there are fewer than a window of trials
 */
public record WarmUpState(
    Origin origin, int length, int trials, boolean capReached, Optional<Movement> worst) {
  /** Differences below this are the machine's, not the worker's. */
  private static final double FLOOR_SECONDS = 1e-3;

  private static final double NANOS_PER_SECOND = 1e9;

  /**
   * How far one time of one arm moves over the last trials.
   *
   * @param quantity client_ttft or transport
   * @param stability in seconds
   * @param allowance what its drift and its spread may be, in seconds
   */
  public record Movement(String arm, String quantity, Stability stability, double allowance) {
    boolean stable() {
      return stability.within(allowance);
    }

    private double ofAllowance() {
      return stability.worst() / allowance;
    }
  }

  /** The state after {@code trials} of one session, worker and length; there is at least one. */
  static WarmUpState of(WarmUp rule, List<TtftTrial> trials) {
    List<TtftTrial> sound = trials.stream().filter(TtftTrial::valid).toList();
    Optional<Movement> worst =
        sound.size() < rule.window()
            ? Optional.empty()
            : worst(rule, sound.subList(sound.size() - rule.window(), sound.size()));
    boolean stable = worst.filter(Movement::stable).isPresent();
    return new WarmUpState(
        trials.get(0).origin(),
        trials.get(0).length(),
        sound.size(),
        rule.waits() && !stable && trials.size() >= rule.max(),
        worst);
  }

  /** The states at the end of the warm-ups among {@code trials}, by session, worker and length. */
  static List<WarmUpState> all(WarmUp rule, List<TtftTrial> trials) {
    Map<List<Object>, List<TtftTrial>> warmUps = new LinkedHashMap<>();
    trials.stream()
        .filter(trial -> trial.phase() == TtftTrial.Phase.WARMUP)
        .forEach(
            trial ->
                warmUps
                    .computeIfAbsent(
                        List.of(trial.origin(), trial.length()), key -> new ArrayList<>())
                    .add(trial));
    return warmUps.values().stream().map(ofOne -> of(rule, ofOne)).toList();
  }

  /** Whether the last trials were stable; empty if there were too few to tell. */
  public Optional<Boolean> stable() {
    return worst.map(Movement::stable);
  }

  private static Optional<Movement> worst(WarmUp rule, List<TtftTrial> window) {
    List<Movement> movements = new ArrayList<>();
    for (TtftTrial.Run run : window.get(0).runs()) {
      movements.add(
          movement(rule, window, run.arm(), "client_ttft", GenerateResult::clientTtftNanos));
      movements.add(movement(rule, window, run.arm(), "transport", GenerateResult::transportNanos));
    }
    return movements.stream().max(Comparator.comparingDouble(Movement::ofAllowance));
  }

  private static Movement movement(
      WarmUp rule,
      List<TtftTrial> window,
      String arm,
      String quantity,
      ToDoubleFunction<GenerateResult> nanos) {
    Stability stability =
        Stability.of(
            window.stream()
                .map(trial -> trial.run(arm).result().orElseThrow())
                .mapToDouble(result -> nanos.applyAsDouble(result) / NANOS_PER_SECOND)
                .toArray());
    double allowance = Math.max(FLOOR_SECONDS, rule.tolerance() * Math.abs(stability.mean()));
    return new Movement(arm, quantity, stability, allowance);
  }
}
