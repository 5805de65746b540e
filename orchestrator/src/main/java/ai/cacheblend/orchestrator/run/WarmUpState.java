package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Stability;
import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.Origin;
import ai.cacheblend.orchestrator.records.Phase;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.records.WarmUpReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Warm-up state of a worker for a length, determined from the client TTFT of each arm.
 *
 * <p>Warm-up makes calls faster. If times spread too much to be stable but are not faster than in
 * the window before, further trials do not help: the machine is noisy.
 *
 * @param trials valid warm-up trials
 * @param worst the arm with the largest change relative to its allowance; empty before the first
 *     full window
 */
public record WarmUpState(
    Origin origin,
    int length,
    int trials,
    Times times,
    boolean capReached,
    Optional<Movement> worst) {
  /** Smaller differences are noise of the machine. */
  private static final double FLOOR_SECONDS = 1e-3;

  private static final double NANOS_PER_SECOND = 1e9;

  /** Trend of the last trials. */
  public enum Times {
    /** Too few trials. */
    UNKNOWN,
    /** An arm is not stable and became faster. */
    MOVING,
    /** No arm became faster, but some arm is not stable. */
    NOISY,
    /** No arm drifts or spreads more than its allowance. */
    STABLE
  }

  /**
   * Change of the client TTFT of one arm over the last trials, in seconds.
   *
   * @param gain decrease of the median against the window before; NaN if that window is incomplete
   * @param allowance limit of drift, spread and gain
   */
  public record Movement(String arm, Stability stability, double gain, double allowance) {
    boolean stable() {
      return stability.within(allowance);
    }

    boolean warm() {
      return stable() || gain <= allowance;
    }

    private double ofAllowance() {
      return stability.worst() / allowance;
    }
  }

  /** The state after one or more trials of one session, worker and length. */
  static WarmUpState of(WarmUp rule, List<Trial> trials) {
    List<Trial> sound = trials.stream().filter(Trial::valid).toList();
    List<Movement> movements = sound.size() < rule.window() ? List.of() : movements(rule, sound);
    Times times = times(movements);
    return new WarmUpState(
        trials.get(0).origin(),
        trials.get(0).length(),
        sound.size(),
        times,
        rule.waits() && !warm(times) && trials.size() >= rule.max(),
        movements.stream().max(Comparator.comparingDouble(Movement::ofAllowance)));
  }

  private static Times times(List<Movement> movements) {
    if (movements.isEmpty()) {
      return Times.UNKNOWN;
    }
    if (movements.stream().allMatch(Movement::stable)) {
      return Times.STABLE;
    }
    return movements.stream().allMatch(Movement::warm) ? Times.NOISY : Times.MOVING;
  }

  /** The states at the end of the warm-ups among {@code trials}, by session, worker and length. */
  static List<WarmUpState> all(WarmUp rule, List<Trial> trials) {
    Map<List<Object>, List<Trial>> warmUps = new LinkedHashMap<>();
    trials.stream()
        .filter(trial -> trial.phase() == Phase.WARMUP)
        .forEach(
            trial ->
                warmUps
                    .computeIfAbsent(
                        List.of(trial.origin(), trial.length()), key -> new ArrayList<>())
                    .add(trial));
    return warmUps.values().stream().map(ofOne -> of(rule, ofOne)).toList();
  }

  /** The state in the form of records. */
  WarmUpReport report() {
    return new WarmUpReport(
        origin.session(),
        origin.worker(),
        length,
        trials,
        stable(),
        times == Times.NOISY,
        capReached,
        worst.map(
            movement ->
                new WarmUpReport.Movement(
                    movement.arm,
                    movement.stability.mean(),
                    movement.stability.drift(),
                    movement.stability.spread(),
                    movement.gain,
                    movement.allowance)));
  }

  /** Whether further trials would make no arm faster. */
  boolean warm() {
    return warm(times);
  }

  private static boolean warm(Times times) {
    return times == Times.STABLE || times == Times.NOISY;
  }

  /** Whether the last trials were stable; empty if there were too few. */
  public Optional<Boolean> stable() {
    return times == Times.UNKNOWN ? Optional.empty() : Optional.of(times == Times.STABLE);
  }

  private static List<Movement> movements(WarmUp rule, List<Trial> trials) {
    return trials.get(0).armRuns().stream().map(run -> movement(rule, trials, run.arm())).toList();
  }

  private static Movement movement(WarmUp rule, List<Trial> trials, String arm) {
    double[] seconds =
        trials.stream()
            .map(trial -> trial.armRun(arm).answer().orElseThrow())
            .mapToDouble(result -> result.clientTtftNanos() / NANOS_PER_SECOND)
            .toArray();
    int last = seconds.length - rule.window();
    int before = last - rule.window();
    double[] window = Arrays.copyOfRange(seconds, last, seconds.length);
    Stability stability = Stability.of(window);
    double gain =
        before < 0
            ? Double.NaN
            : Summary.of(Arrays.copyOfRange(seconds, before, last)).median()
                - Summary.of(window).median();
    double allowance = Math.max(FLOOR_SECONDS, rule.tolerance() * stability.mean());
    return new Movement(arm, stability, gain, allowance);
  }
}
