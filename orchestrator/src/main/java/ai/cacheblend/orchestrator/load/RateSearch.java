package ai.cacheblend.orchestrator.load;

import ai.cacheblend.metrics.ShareCrossing;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.Slo;
import ai.cacheblend.orchestrator.records.LoadCapacity;
import ai.cacheblend.orchestrator.records.LoadSlice;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * Searches the highest rate at which an arm meets an objective. Rates double or halve until one
 * slice has met the objective and another one has not. Each further slice runs near the estimate
 * from all slices so far: C. F. J. Wu, "Efficient sequential designs with binary data", 1985. The
 * estimate is the rate at which the share of values above a limit reaches what the limit allows, by
 * logistic regression on the logarithm of the rate; of several limits, the lowest rate counts.
 */
final class RateSearch {
  /** Rates are powers of a twelfth of an octave, 5.9 %, so that slices repeat rates. */
  private static final double STEPS_PER_OCTAVE = 12;

  private static final double LOG_STEP = Math.log(2) / STEPS_PER_OCTAVE;
  private static final long OCTAVE = Math.round(STEPS_PER_OCTAVE);

  /** Farther from the estimate, the share is not logistic. */
  private static final double LOG_WINDOW = Math.log(1.5);

  private static final int MIN_WINDOW = 4;
  private static final double UPPER_TAIL = 0.975;

  private final Slo slo;
  private final SloCheck check;

  RateSearch(Slo slo, int maxNewTokens) {
    this.slo = slo;
    this.check = new SloCheck(slo, maxNewTokens);
  }

  /**
   * A slice of one arm.
   *
   * @param counts by limit
   */
  record Tried(double rate, List<SloCheck.Count> counts) {
    double log() {
      return Math.log(rate);
    }
  }

  /** The valid slices among {@code slices}, which are of one arm. */
  List<Tried> tried(List<LoadSlice> slices) {
    return slices.stream()
        .filter(LoadSlice::valid)
        .map(slice -> new Tried(slice.key().load(), check.counts(slice.measured())))
        .toList();
  }

  /**
   * The rate of the next slice.
   *
   * @param tried slices of the arm so far, in any order
   * @param firstRate where the search begins
   */
  double next(List<Tried> tried, double firstRate) {
    if (tried.isEmpty()) {
      return rate(step(Math.log(firstRate)));
    }
    double[] logs = tried.stream().mapToDouble(Tried::log).sorted().toArray();
    if (tried.stream().allMatch(this::met)) {
      return rate(step(logs[logs.length - 1]) + OCTAVE);
    }
    if (tried.stream().noneMatch(this::met)) {
      return rate(step(logs[0]) - OCTAVE);
    }
    double estimate = clamp(crossing(tried).orElseThrow(), logs);
    long below = (long) Math.floor(estimate / LOG_STEP);
    // Outer rates first: they determine the slope.
    long[] candidates = {below - 1, below + 2, below, below + 1};
    long next = candidates[0];
    long fewest = Long.MAX_VALUE;
    for (long candidate : candidates) {
      long count = tried.stream().filter(t -> step(t.log()) == candidate).count();
      if (count < fewest) {
        fewest = count;
        next = candidate;
      }
    }
    return rate(next);
  }

  private static long step(double log) {
    return Math.round(log / LOG_STEP);
  }

  /** Four digits: the rate in tables is the rate that is run. */
  private static double rate(long step) {
    double exact = Math.min(Math.exp(step * LOG_STEP), LoadShape.MAX_RATE);
    return new BigDecimal(exact).round(new MathContext(4)).doubleValue();
  }

  private static double clamp(double log, double[] sorted) {
    return Math.max(sorted[0], Math.min(sorted[sorted.length - 1], log));
  }

  private boolean met(Tried tried) {
    return IntStream.range(0, tried.counts.size())
        .allMatch(i -> tried.counts.get(i).meets(slo.limits().get(i)));
  }

  /** Logarithm of the estimate; empty if no limit was exceeded. */
  private OptionalDouble crossing(List<Tried> tried) {
    return IntStream.range(0, slo.limits().size())
        .mapToObj(limit -> crossing(tried, limit))
        .flatMapToDouble(OptionalDouble::stream)
        .min();
  }

  private OptionalDouble crossing(List<Tried> tried, int limit) {
    List<ShareCrossing.Point> points = new ArrayList<>();
    for (Tried slice : tried) {
      SloCheck.Count count = slice.counts.get(limit);
      if (count.all() > 0) {
        points.add(new ShareCrossing.Point(slice.log(), count.all() - count.within(), count.all()));
      }
    }
    if (points.stream().allMatch(point -> point.hits() == 0)) {
      return OptionalDouble.empty();
    }
    double share = 1 - slo.limits().get(limit).share();
    double log = ShareCrossing.of(points, share);
    for (int i = 0; i < 2; i++) {
      double center = log;
      List<ShareCrossing.Point> near =
          points.stream().filter(p -> Math.abs(p.x() - center) < LOG_WINDOW).toList();
      if (near.size() >= MIN_WINDOW
          && near.stream().mapToDouble(ShareCrossing.Point::x).distinct().count() >= 2) {
        log = ShareCrossing.of(near, share);
      }
    }
    return OptionalDouble.of(log);
  }

  /**
   * The result for an arm.
   *
   * @param tried at least one slice
   */
  LoadCapacity capacity(String arm, List<Tried> tried) {
    double[] logs = tried.stream().mapToDouble(Tried::log).sorted().toArray();
    DoubleSummaryStatistics rates = tried.stream().mapToDouble(Tried::rate).summaryStatistics();
    if (tried.stream().allMatch(this::met)) {
      return LoadCapacity.unknown(
          arm, slo.text(), rates.getMax(), Double.POSITIVE_INFINITY, logs.length);
    }
    if (tried.stream().noneMatch(this::met)) {
      return LoadCapacity.unknown(arm, slo.text(), 0, rates.getMin(), logs.length);
    }
    double log = clamp(crossing(tried).orElseThrow(), logs);
    long near = tried.stream().filter(t -> Math.abs(t.log() - log) < LOG_WINDOW).count();
    double freedom = Math.max(1, near - 2.0);
    double quantile = TDistribution.of(freedom).inverseCumulativeProbability(UPPER_TAIL);
    double error = Math.max(jackknife(tried, logs), resolution(logs, log) / quantile);
    return LoadCapacity.of(
        arm,
        slo.text(),
        new LoadCapacity.Estimate(Math.exp(log), error, freedom, limitedBy(tried)),
        logs.length);
  }

  /**
   * Standard error of the estimate, whole slices being left out. C. F. J. Wu, "Jackknife, bootstrap
   * and other resampling methods in regression analysis", 1986.
   */
  private double jackknife(List<Tried> tried, double[] logs) {
    double[] estimates =
        IntStream.range(0, tried.size())
            .mapToObj(
                omitted -> {
                  List<Tried> others = new ArrayList<>(tried);
                  others.remove(omitted);
                  return crossing(others);
                })
            .flatMapToDouble(OptionalDouble::stream)
            .map(log -> clamp(log, logs))
            .toArray();
    double mean =
        IntStream.range(0, estimates.length).mapToDouble(i -> estimates[i]).average().orElse(0);
    double squares = 0;
    for (double estimate : estimates) {
      squares += (estimate - mean) * (estimate - mean);
    }
    return Math.sqrt(squares * (estimates.length - 1.0) / Math.max(1, estimates.length));
  }

  /** Half the distance between the nearest rates below and above: nothing in between was run. */
  private static double resolution(double[] logs, double log) {
    double below = logs[0];
    double above = logs[logs.length - 1];
    for (double tried : logs) {
      below = tried <= log + 1e-9 ? Math.max(below, tried) : below;
      above = tried >= log - 1e-9 ? Math.min(above, tried) : above;
    }
    return (above - below) / 2;
  }

  /** The limit that is exceeded first. */
  private String limitedBy(List<Tried> tried) {
    int binding = 0;
    double lowest = Double.POSITIVE_INFINITY;
    for (int limit = 0; limit < slo.limits().size(); limit++) {
      double log = crossing(tried, limit).orElse(Double.POSITIVE_INFINITY);
      if (log < lowest) {
        lowest = log;
        binding = limit;
      }
    }
    return slo.limits().get(binding).text();
  }
}
