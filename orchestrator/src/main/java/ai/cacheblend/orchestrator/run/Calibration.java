package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.BlockListener;
import ai.cacheblend.orchestrator.records.EarlierBlocks;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Estimates the duration of a plan from a few timed blocks. */
public final class Calibration {
  private static final int TIMED_SAMPLES = 2;
  private static final double NANOS_PER_SECOND = 1e9;

  private Calibration() {}

  /**
   * An estimate.
   *
   * @param shortest with the minimum number of warm-up trials
   * @param longest with the maximum number of warm-up trials
   * @param basis description of the timed blocks
   */
  public record Estimate(Duration shortest, Duration longest, String basis) {

    /** The estimate of a run that may end after this share of the work. */
    public Estimate orAfter(double share) {
      return new Estimate(seconds(shortest.toMillis() / 1e3 * share), longest, basis);
    }

    /** For example {@code 1 min 2 s to 1 min 40 s}. */
    public String range() {
      String from = minutes(shortest);
      String to = minutes(longest);
      return from.equals(to) ? from : from + " to " + to;
    }

    private static String minutes(Duration duration) {
      return String.format(
          Locale.ROOT, "%d min %d s", duration.toMinutes(), duration.toSecondsPart());
    }

    /** The estimate of two consecutive runs. */
    public Estimate plus(Estimate next) {
      return new Estimate(
          shortest.plus(next.shortest), longest.plus(next.longest), basis + "; " + next.basis);
    }
  }

  /** Times one block of each of the two shortest lengths on one worker and extrapolates. */
  public static Estimate of(TtftPlan plan, Fleet fleet, RunClock clock) {
    List<Integer> lengths = plan.lengths().stream().sorted().limit(2).toList();
    TtftPlan shortPlan =
        new TtftPlan(
            lengths,
            1,
            WarmUp.exactly(1),
            plan.chunkTokens(),
            plan.suffix(),
            plan.arms(),
            plan.source(),
            plan.maxNewTokens(),
            plan.seed(),
            List.of(fleet.first().address()));
    Stopwatch<Trial> stopwatch = new Stopwatch<>(clock.ticker());
    Fleet one = new Fleet(List.of(fleet.first()));
    new TtftBenchmark(shortPlan, one, clock).run(EarlierBlocks.none(), stopwatch);
    List<Lap<Trial>> laps = stopwatch.laps.stream().filter(lap -> lap.result.measured()).toList();
    Line line = Line.through(laps);
    double secondsPerBlockOfEach = plan.lengths().stream().mapToDouble(line::seconds).sum();
    return new Estimate(
        seconds(
            secondsPerBlockOfEach
                * (plan.warmUp().min() + (double) plan.trials() / fleet.workers().size())),
        seconds(
            secondsPerBlockOfEach
                * (plan.warmUp().max() + (double) plan.trials() / fleet.workers().size())),
        String.format(
            Locale.ROOT,
            "timed: one block each of %s tokens on %s",
            lengths,
            fleet.first().address()));
  }

  /**
   * Times the first samples on one worker, after a warm-up sample.
   *
   * @param encoders opens the sentence encoder of a plan with retrieval
   */
  public static Estimate of(
      QualityPlan plan,
      QualityTask task,
      Fleet fleet,
      RunClock clock,
      Supplier<TextEncoder> encoders) {
    QualityTask few = task.first(1 + TIMED_SAMPLES);
    Stopwatch<Sample> stopwatch = new Stopwatch<>(clock.ticker());
    Fleet one = new Fleet(List.of(fleet.first()));
    new QualityBenchmark(plan, few, one, clock, encoders).run(EarlierBlocks.none(), stopwatch);
    int warmUps = stopwatch.laps.size() > 1 ? 1 : 0;
    double secondsPerSample =
        stopwatch.laps.stream().skip(warmUps).mapToDouble(Lap::seconds).average().orElseThrow();
    Duration all = seconds(secondsPerSample * plan.samples() / fleet.workers().size());
    return new Estimate(
        all,
        all,
        String.format(
            Locale.ROOT,
            "timed: %d samples on %s",
            stopwatch.laps.size() - warmUps,
            fleet.first().address()));
  }

  private static Duration seconds(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1e3));
  }

  private record Lap<R>(R result, double seconds) {}

  /** Times the intervals between the ends of blocks. */
  private static final class Stopwatch<R> implements BlockListener<R> {
    private final Ticker ticker;
    private final List<Lap<R>> laps = new ArrayList<>();
    private long lastNanos;

    Stopwatch(Ticker ticker) {
      this.ticker = ticker;
    }

    @Override
    public void started(double weight) {
      lastNanos = ticker.read();
    }

    @Override
    public void finished(R result, double weight) {
      long nowNanos = ticker.read();
      laps.add(new Lap<>(result, (nowNanos - lastNanos) / NANOS_PER_SECOND));
      lastNanos = nowNanos;
    }
  }

  /** Seconds of a block by the weight of its length. */
  private record Line(double base, double perWeight) {
    static Line through(List<Lap<Trial>> laps) {
      Lap<Trial> first = laps.get(0);
      Lap<Trial> last = laps.get(laps.size() - 1);
      double firstWeight = TtftPrompt.weight(first.result.length());
      double lastWeight = TtftPrompt.weight(last.result.length());
      double slope =
          laps.size() == 1
              ? last.seconds / lastWeight
              : (last.seconds - first.seconds) / (lastWeight - firstWeight);
      // A pause in the shorter block must not lead to an estimate of zero for longer blocks.
      double perWeight = Math.max(slope, last.seconds / lastWeight / 2);
      return new Line(Math.max(0, last.seconds - perWeight * lastWeight), perWeight);
    }

    double seconds(int length) {
      return base + perWeight * TtftPrompt.weight(length);
    }
  }
}
