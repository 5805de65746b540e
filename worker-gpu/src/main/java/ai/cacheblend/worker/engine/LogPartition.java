package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.Logits;
import ai.cacheblend.worker.model.ModelFailureException;

/** ln Σ exp(logits): a logit minus this is its log-probability. */
final class LogPartition {
  private LogPartition() {}

  static double of(Logits logits) {
    double max = max(logits);
    double sum = 0;
    for (int id = 0; id < logits.size(); id++) {
      sum += Math.exp(logits.get(id) - max);
    }
    return max + Math.log(sum);
  }

  /** Fails if a logit is NaN or positive infinity. */
  static double max(Logits logits) {
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
