package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** Selection of tokens from logits. Temperature 0 is greedy. */
public record Sampling(double temperature, double topP, long seed) {
  public static final Sampling GREEDY = new Sampling(0, 1, 0);

  public Sampling {
    checkArgument(
        temperature >= 0 && Double.isFinite(temperature),
        "temperature is %s; set it to 0 (greedy) or a finite number above 0",
        temperature);
    checkArgument(
        topP > 0 && topP <= 1, "top_p is %s; set it to a number in (0, 1], or to 0 for 1", topP);
  }

  boolean isGreedy() {
    return temperature == 0;
  }
}
