package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelFailureException;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Chooses tokens of one answer and tells their log-probabilities, all in double. */
final class Sampler {
  private final Sampling sampling;
  private final SplittableRandom random;

  Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  /** A draw from softmax(logits / temperature), cut to the fewest tokens that hold topP of it. */
  int draw(Logits logits) {
    double max = max(logits);
    double[] weights = new double[logits.size()];
    double total = 0;
    for (int id = 0; id < weights.length; id++) {
      weights[id] = Math.exp((logits.get(id) - max) / sampling.temperature());
      total += weights[id];
    }
    int[] candidates =
        sampling.topP() < 1
            ? nucleus(weights, total)
            : IntStream.range(0, weights.length).toArray();
    double candidateTotal = 0;
    for (int id : candidates) {
      candidateTotal += weights[id];
    }
    double left = random.nextDouble() * candidateTotal;
    for (int id : candidates) {
      left -= weights[id];
      if (left < 0) {
        return id;
      }
    }
    // Rounding can leave a crumb; the likeliest candidate takes it.
    return IntStream.of(candidates)
        .boxed()
        .max(Comparator.comparingDouble(id -> weights[id]))
        .orElseThrow();
  }

  private int[] nucleus(double[] weights, double total) {
    int[] byWeight =
        IntStream.range(0, weights.length)
            .boxed()
            .sorted(Comparator.<Integer>comparingDouble(id -> -weights[id]).thenComparing(id -> id))
            .mapToInt(Integer::intValue)
            .toArray();
    double held = 0;
    int count = 0;
    while (count < byWeight.length && held < sampling.topP() * total) {
      held += weights[byWeight[count++]];
    }
    return IntStream.range(0, count).map(i -> byWeight[i]).toArray();
  }

  /** ln Σ exp(logits): what a logit exceeds its log-probability by. */
  static double logPartition(Logits logits) {
    double max = max(logits);
    double sum = 0;
    for (int id = 0; id < logits.size(); id++) {
      sum += Math.exp(logits.get(id) - max);
    }
    return max + Math.log(sum);
  }

  /** The highest, descending, less a constant; ties go to the lower id. */
  static List<TokenValue> top(Logits logits, int count, double subtract) {
    if (count == 0) {
      return List.of();
    }
    return IntStream.range(0, logits.size())
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(id -> -logits.get(id)).thenComparing(id -> id))
        .limit(count)
        .map(id -> new TokenValue(id, logits.get(id) - subtract))
        .toList();
  }

  private static double max(Logits logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < logits.size(); id++) {
      double logit = logits.get(id);
      if (Double.isNaN(logit) || logit == Double.POSITIVE_INFINITY) {
        throw new ModelFailureException("the model's logit of token " + id + " is " + logit);
      }
      max = Math.max(max, logit);
    }
    return max;
  }
}
