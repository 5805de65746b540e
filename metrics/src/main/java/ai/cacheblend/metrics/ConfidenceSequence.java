package ai.cacheblend.metrics;

/**
 * Confidence interval of the mean of values in [-1, 1] that holds at every number of values at
 * once, for any distribution: the means that {@link BettingCapital} rejects on neither side at
 * alpha / 2.
 *
 * <p>The capital against "the mean is at most m" falls as m rises, because each of its factors
 * does. The means that are not rejected therefore form an interval, and bisection finds its ends.
 */
public final class ConfidenceSequence {
  private static final double LOWEST = -1;
  private static final double TOLERANCE = 1e-9;

  private ConfidenceSequence() {}

  /**
   * The interval after these {@code values}; their order does not matter. Ends are accurate to 1e-9
   * and err to the outside.
   *
   * @param alpha probability that the mean is ever outside, at most; 0.05 for 95 %
   * @throws IllegalArgumentException if there is no value, one is not in [-1, 1], or alpha is not
   *     between 0 and 1
   */
  public static Interval of(double[] values, double alpha) {
    if (!(alpha > 0 && alpha < 1)) {
      throw new IllegalArgumentException("alpha is " + alpha + "; use a value between 0 and 1");
    }
    double[] sorted = Samples.sorted("values", values);
    Samples.checkRange("values", sorted[0], -1, 1);
    Samples.checkRange("values", sorted[sorted.length - 1], -1, 1);
    double logThreshold = Math.log(2 / alpha);
    return new Interval(
        lowerEnd(new Counts(sorted), logThreshold),
        -lowerEnd(new Counts(negated(sorted)), logThreshold));
  }

  /** The mean of the values lies above the lower end, as the capital there is at most 1. */
  private static double lowerEnd(Counts counts, double logThreshold) {
    double rejected = LOWEST;
    double kept = counts.mean;
    while (kept - rejected > TOLERANCE) {
      double middle = rejected + (kept - rejected) / 2;
      if (counts.logCapital(middle) >= logThreshold) {
        rejected = middle;
      } else {
        kept = middle;
      }
    }
    return rejected;
  }

  private static double[] negated(double[] sorted) {
    double[] negated = new double[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      negated[i] = -sorted[sorted.length - 1 - i];
    }
    return negated;
  }

  /** Distinct values with their counts: scores repeat, and most differences are 0. */
  private static final class Counts {
    private final double[] values;
    private final int[] counts;
    private final double mean;
    private int size;

    Counts(double[] sorted) {
      values = new double[sorted.length];
      counts = new int[sorted.length];
      for (double value : sorted) {
        if (size == 0 || values[size - 1] != value) {
          values[size++] = value;
        }
        counts[size - 1]++;
      }
      mean = Summary.of(sorted).mean();
    }

    double logCapital(double bound) {
      BettingCapital capital = new BettingCapital(bound, LOWEST);
      for (int i = 0; i < size; i++) {
        capital.add(values[i], counts[i]);
      }
      return capital.log();
    }
  }
}
