package ai.cacheblend.benchmarks.aa;

import com.google.common.base.Ticker;
import java.util.SplittableRandom;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;

/**
 * A machine in virtual time whose work takes as long as on a real one: never twice the same.
 *
 * <ul>
 *   <li>jitter: each piece of work, log-normal, 4 %;
 *   <li>drift: a random walk of the machine's speed (1 % each piece), and a swing of up to 8 % with
 *       a period of 5 to 60 s, as of clocks and temperature;
 *   <li>throttling: at times, for 2 s, everything is 25 % slower;
 *   <li>outliers: 3 % of the pieces take 1.3 to 3 times as long;
 *   <li>cold starts: the first pieces are slower, by 60 % falling to nothing.
 * </ul>
 *
 * <p>For one thread at a time.
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

  synchronized void pass(long nanos) {
    nowNanos += nanos;
  }

  /** How long work takes now that would take {@code seconds} on a quiet machine. */
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
