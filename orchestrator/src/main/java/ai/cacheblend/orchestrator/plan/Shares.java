package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.math.BigDecimal;
import java.util.Set;

/** Shares of rows, and numbers in the text form of arms. */
final class Shares {
  /** Corrects for binary fractions: 0.15 of 20 rows is 3 rows. */
  private static final double ROUNDING_SLACK = 1e-9;

  private Shares() {}

  static void check(String field, double share) {
    require(share >= 0 && share <= 1, field + " is " + share + "; use a share from 0 to 1");
  }

  static int rowsOf(double share, int eligibleCount) {
    return (int) Math.max(0, Math.ceil(share * eligibleCount - ROUNDING_SLACK));
  }

  /** The share after {@code @}, which must be a single number; without it, that of the run. */
  static double parse(ArmText text, ArmDefaults defaults) {
    return text.shares()
        .map(shares -> number("share of arm " + text, shares))
        .orElse(defaults.recomputeRatio());
  }

  static double number(String field, String text) {
    try {
      return Double.parseDouble(text.trim());
    } catch (NumberFormatException e) {
      throw new PlanException(field + " is '" + text + "'; use a number such as 0.15");
    }
  }

  /** The shortest text that parses to the same number. */
  static String print(double share) {
    return new BigDecimal(Double.toString(share)).stripTrailingZeros().toPlainString();
  }

  /** The value of the only option of {@code text}, {@code name=N}. */
  static long wholeOption(ArmText text, String name) {
    String value = text.options().getOrDefault(name, "");
    require(
        text.options().keySet().equals(Set.of(name)) && value.matches("-?\\d{1,18}"),
        "arm is '" + text + "'; after : write " + name + "=NUMBER");
    return Long.parseLong(value);
  }
}
