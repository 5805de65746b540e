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
 * How warm a worker is for a length, by the client TTFT of each arm: transport and the worker's
 * work matter as parts of it.
 *
 * <p>A warm-up makes calls faster, never slower. So where times spread too much to be called
 * stable, but are no faster than in the window before, more trials would not help: the noise is the
 * machine's.
 *
 * @param trials sound warm-up trials so far
 * @param worst what moves most for what it may; empty while there are fewer than a window of trials
 */
public record WarmUpState(
    Origin origin,
    int length,
    int trials,
    Times times,
    boolean capReached,
    Optional<Movement> worst) {
  /** Differences below this are the machine's, not the worker's. */
  private static final double FLOOR_SECONDS = 1e-3;

  private static final double NANOS_PER_SECOND = 1e9;

  /** What the last trials tell. */
  public enum Times {
    /** There were too few. */
    UNKNOWN,
    /** Some arm moves, and may still become faster. */
    MOVING,
    /** No arm becomes faster any more, though some spread more than they may. */
    NOISY,
    /** No arm drifts or spreads more than it may. */
    STABLE
  }

  /**
   * How far client TTFT of one arm moves over the last trials.
   *
   * @param stability in seconds
   * @param gain by how much its median is below that of the window before, in seconds; NaN where
   *     that is not whole
   * @param allowance what its drift, its spread and its gain may be, in seconds
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

  /** The state after {@code trials} of one session, worker and length; there is at least one. */
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

  /** Whether more trials would make no arm faster. */
  boolean warm() {
    return warm(times);
  }

  private static boolean warm(Times times) {
    return times == Times.STABLE || times == Times.NOISY;
  }

  /** Whether the last trials were stable; empty if there were too few to tell. */
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
