package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.Arrivals;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongSupplier;
import org.apache.commons.statistics.distribution.GammaDistribution;

/**
 * Draws the gaps between arrivals of a renewal process, in nanoseconds. Gaps of a coefficient of
 * variation c have a gamma distribution of shape 1 / c²; shape 1 is a Poisson process.
 */
final class ArrivalGaps implements LongSupplier {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double meanNanos;
  private final SplittableRandom random;
  private final DoubleUnaryOperator quantile;

  /**
   * @param rate arrivals per second
   */
  ArrivalGaps(Arrivals arrivals, double rate, long seed) {
    meanNanos = NANOS_PER_SECOND / rate;
    random = new SplittableRandom(seed);
    quantile = quantile(arrivals.variation());
  }

  /** The quantile function of a gap with mean 1. */
  private static DoubleUnaryOperator quantile(double variation) {
    if (variation == 0) {
      return probability -> 1;
    }
    if (variation == 1) {
      return probability -> -Math.log1p(-probability);
    }
    double shape = 1 / (variation * variation);
    return GammaDistribution.of(shape, 1 / shape)::inverseCumulativeProbability;
  }

  @Override
  public long getAsLong() {
    // One uniform number per gap: the arrivals of two rates with one seed have the same pattern.
    return Math.round(meanNanos * quantile.applyAsDouble(random.nextDouble()));
  }
}
