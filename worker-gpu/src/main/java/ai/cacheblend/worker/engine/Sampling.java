package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** How a token is chosen from logits; temperature 0 is greedy. */
public record Sampling(double temperature, double topP, long seed) {
  public static final Sampling GREEDY = new Sampling(0, 1, 0);

  public Sampling {
    checkArgument(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature is %s; give 0 (greedy) or a finite number above it",
        temperature);
    checkArgument(topP > 0 && topP <= 1, "top_p is %s; give a share in (0, 1], or 0 for 1", topP);
  }

  boolean isGreedy() {
    return temperature == 0;
  }
}
