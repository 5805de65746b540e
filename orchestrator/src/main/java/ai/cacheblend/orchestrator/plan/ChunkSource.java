package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tier that has the chunks of every measured request.
 *
 * @param bytesPerSecond limit of the rate of loading; empty: none
 * @param policy whether the worker may compute rows of chunks instead
 */
public record ChunkSource(Tier tier, OptionalLong bytesPerSecond, LoadPolicy policy) {
  private static final Pattern RATE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)([KMG]?)B/s");

  public ChunkSource {
    Objects.requireNonNull(policy, "policy");
    bytesPerSecond.ifPresent(
        rate -> require(rate >= 1, "throttle is " + rate + " bytes per second; use 1 or more"));
  }

  /** All chunks are loaded. */
  public ChunkSource(Tier tier, OptionalLong bytesPerSecond) {
    this(tier, bytesPerSecond, LoadPolicy.LOAD);
  }

  /** Parses a rate: {@code 3GB/s}, in powers of 1000. */
  public static long rate(String text) {
    Matcher form = RATE.matcher(text);
    require(form.matches(), "throttle is " + text + "; use a rate such as 3GB/s or 500MB/s");
    int thousands = "KMG".indexOf(form.group(2)) + 1;
    long rate =
        new BigDecimal(form.group(1))
            .scaleByPowerOfTen(form.group(2).isEmpty() ? 0 : 3 * thousands)
            .longValue();
    require(rate >= 1, "throttle is " + text + "; use 1B/s or more");
    return rate;
  }
}
