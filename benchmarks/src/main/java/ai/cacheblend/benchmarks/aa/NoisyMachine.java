package ai.cacheblend.benchmarks.aa;

import com.google.common.base.Ticker;
import java.util.SplittableRandom;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;

/**
 * A machine in virtual time whose work varies in duration as on a real one.
 *
 * <ul>
 *   <li>jitter: log-normal, 4 % for each piece of work;
 *   <li>drift: a random walk of the speed (1 % for each piece), and an oscillation of up to 8 %
 *       with a period of 5 to 60 s, as caused by clocks and temperature;
 *   <li>throttling: at random times all work is 25 % slower for 2 s;
 *   <li>outliers: 3 % of the pieces take 1.3 to 3 times as long;
 *   <li>cold start: the first pieces are slower, by 60 % at first, decaying exponentially.
 * </ul>
 *
 * <p>Calls are serialized.
 */
final class NoisyMachine extends Ticker {
  private static final double JITTER = 0.04;
  private static final double WALK = 0.01;
  private static final double SWING = 0.08;
  private static final double THROTTLED = 1.25;
  private static final double THROTTLE_SHARE = 0.01;
  private static final long THROTTLE_NANOS = 2_000_000_000L;
  private static final double OUTLIER_SHARE = 0.03;
  private static final double COLD = 0.6;
  private static final double COLD_PIECES = 6;
  private static final double NANOS_PER_SECOND = 1e9;

  private final UniformRandomProvider random;
  private final ZigguratSampler.NormalizedGaussian normal;
  private final double swingAmplitude;
  private final double swingSeconds;
  private final double swingPhase;
  private long nowNanos;
  private long throttledUntilNanos;
  private double walk;
  private int pieceCount;

  NoisyMachine(long seed) {
    random = RandomSource.XO_RO_SHI_RO_128_PP.create(new SplittableRandom(seed).nextLong());
    normal = ZigguratSampler.NormalizedGaussian.of(random);
    swingAmplitude = SWING * random.nextDouble();
    swingSeconds = 5 + 55 * random.nextDouble();
    swingPhase = 2 * Math.PI * random.nextDouble();
  }

  @Override
  public synchronized long read() {
    return nowNanos;
  }

  synchronized void advance(long nanos) {
    nowNanos += nanos;
  }

  /** Duration at this moment of work that takes {@code seconds} on a quiet machine. */
  synchronized long nanosOf(double seconds) {
    walk += WALK * normal.sample();
    double swing =
        swingAmplitude
            * Math.sin(2 * Math.PI * nowNanos / NANOS_PER_SECOND / swingSeconds + swingPhase);
    double cold = Math.log1p(COLD * Math.exp(-pieceCount++ / COLD_PIECES));
    double logarithm = walk + swing + cold + JITTER * normal.sample();
    if (random.nextDouble() < THROTTLE_SHARE) {
      throttledUntilNanos = nowNanos + THROTTLE_NANOS;
    }
    double factor = nowNanos < throttledUntilNanos ? THROTTLED : 1;
    factor *= random.nextDouble() < OUTLIER_SHARE ? 1.3 + 1.7 * random.nextDouble() : 1;
    return Math.round(seconds * NANOS_PER_SECOND * factor * Math.exp(logarithm));
  }
}
