package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.plan.Sampling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Keeps some samples of a sequence of unknown length, in their order. Random draws use a reservoir:
 * J. S. Vitter, "Random sampling with a reservoir", 1985, algorithm R.
 */
final class SampleDraw {
  /** Few-shot examples are drawn from the same seed. */
  private static final long SALT = 0x7e5e_4701_4dL;

  private record Drawn(long position, QualitySample sample) {}

  private final Sampling sampling;
  private final int limit;
  private final SplittableRandom random;
  private final List<Drawn> drawn = new ArrayList<>();
  private long offered;

  SampleDraw(Sampling sampling, int limit, long seed) {
    this.sampling = sampling;
    this.limit = limit;
    this.random = new SplittableRandom(seed ^ SALT);
  }

  /** Whether further samples can change the result. */
  boolean open() {
    return sampling == Sampling.RANDOM || drawn.size() < limit;
  }

  void offer(QualitySample sample) {
    Drawn next = new Drawn(offered++, sample);
    if (drawn.size() < limit) {
      drawn.add(next);
    } else if (sampling == Sampling.RANDOM) {
      long place = random.nextLong(offered);
      if (place < limit) {
        drawn.set((int) place, next);
      }
    }
  }

  List<QualitySample> samples() {
    return drawn.stream()
        .sorted(Comparator.comparingLong(Drawn::position))
        .map(Drawn::sample)
        .toList();
  }
}
