package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

/**
 * Distribution of the gaps between the arrivals of an open loop.
 *
 * @param variation coefficient of variation of a gap: 0 for constant gaps, 1 for a Poisson process;
 *     gaps with another one have a gamma distribution
 */
public record Arrivals(double variation) {
  private static final String POISSON = "poisson";
  private static final String CONSTANT = "constant";
  private static final String GAMMA = "gamma:";

  /** Above this, a level of some minutes has no steady state. */
  private static final double MAX_VARIATION = 10;

  public Arrivals {
    require(
        variation >= 0 && variation <= MAX_VARIATION,
        "arrivals is gamma:" + variation + "; use a coefficient of variation of 0 to 10");
  }

  /** Parses {@code poisson}, {@code constant} or {@code gamma:CV}. */
  public static Arrivals parse(String text) {
    if (text.equals(POISSON)) {
      return new Arrivals(1);
    }
    if (text.equals(CONSTANT)) {
      return new Arrivals(0);
    }
    require(
        text.matches("gamma:\\d+(\\.\\d+)?"),
        "arrivals is '" + text + "'; use poisson, constant or gamma:CV, for example gamma:2");
    return new Arrivals(Double.parseDouble(text.substring(GAMMA.length())));
  }

  /** What {@link #parse} takes. */
  public String text() {
    if (variation == 0) {
      return CONSTANT;
    }
    return variation == 1 ? POISSON : GAMMA + variation;
  }
}
