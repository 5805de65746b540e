package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/**
 * How often each chunk of a pool is used: the chunk of rank r with a weight of 1 / r^exponent.
 *
 * @param exponent of Zipf's law; 0 is uniform
 */
public record Popularity(double exponent) {
  private static final String UNIFORM = "uniform";
  private static final String ZIPF = "zipf:";
  private static final double MAX_EXPONENT = 5;

  public Popularity {
    require(
        exponent >= 0 && exponent <= MAX_EXPONENT,
        "popularity is zipf:" + exponent + "; use an exponent of 0 to 5");
  }

  /** Parses {@code zipf:EXPONENT} or {@code uniform}. */
  public static Popularity parse(String text) {
    if (text.equals(UNIFORM)) {
      return new Popularity(0);
    }
    require(
        text.matches("zipf:\\d+(\\.\\d+)?"),
        "popularity is '" + text + "'; use uniform or zipf:EXPONENT, for example zipf:1.0");
    return new Popularity(Double.parseDouble(text.substring(ZIPF.length())));
  }

  /** What {@link #parse} takes. */
  public String text() {
    return exponent == 0 ? UNIFORM : ZIPF + exponent;
  }
}
