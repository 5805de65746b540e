package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.Logits;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws the tokens of one answer, in double precision. */
final class Sampler {
  private final Sampling sampling;
  private final SplittableRandom random;

  /** Reused by every draw. */
  private double[] weights = {};

  Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  /**
   * Draws from softmax(logits / temperature), restricted to the fewest tokens whose probabilities
   * sum to topP.
   */
  int draw(Logits logits) {
    double max = LogPartition.max(logits);
    int size = logits.size();
    if (weights.length != size) {
      weights = new double[size];
    }
    double total = 0;
    for (int id = 0; id < size; id++) {
      weights[id] = Math.exp((logits.get(id) - max) / sampling.temperature());
      total += weights[id];
    }
    return sampling.topP() < 1 ? drawFromNucleus(total) : drawFromAll(total);
  }

  private int drawFromAll(double total) {
    double left = random.nextDouble() * total;
    int likeliest = 0;
    for (int id = 0; id < weights.length; id++) {
      left -= weights[id];
      if (left < 0) {
        return id;
      }
      if (weights[id] > weights[likeliest]) {
        likeliest = id;
      }
    }
    return likeliest; // fallback for rounding error
  }

  /** Tokens of the nucleus are drawn from in descending order of probability. */
  private int drawFromNucleus(double total) {
    DescendingIds candidates = new DescendingIds(weights);
    int[] nucleus = new int[Math.min(weights.length, 64)];
    int count = 0;
    double held = 0;
    while (count < weights.length && held < sampling.topP() * total) {
      if (count == nucleus.length) {
        nucleus = Arrays.copyOf(nucleus, Math.min(weights.length, 2 * count));
      }
      nucleus[count] = candidates.next();
      held += weights[nucleus[count++]];
    }
    double left = random.nextDouble() * held;
    for (int i = 0; i < count; i++) {
      left -= weights[nucleus[i]];
      if (left < 0) {
        return nucleus[i];
      }
    }
    return nucleus[0]; // fallback for rounding error
  }
}
