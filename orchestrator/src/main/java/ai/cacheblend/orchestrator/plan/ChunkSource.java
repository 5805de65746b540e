package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.Optional;
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
  /** The name of the device, where chunks are without a source. */
  public static final String DEVICE = "device";

  private static final char LIMIT = '@';
  private static final String UNITS = "KMG";
  private static final int MAX_DECIMALS = 6;
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

  /** The name in tables, file names and comparisons: {@code host} or {@code host@3GB/s}. */
  public String id() {
    return bytesPerSecond.isPresent()
        ? tier.id() + LIMIT + rateText(bytesPerSecond.getAsLong())
        : tier.id();
  }

  /** The source with a name, which loads all chunks. */
  public static ChunkSource ofId(String id) {
    int limit = id.indexOf(LIMIT);
    return limit < 0
        ? new ChunkSource(Tier.ofId(id), OptionalLong.empty())
        : new ChunkSource(
            Tier.ofId(id.substring(0, limit)), OptionalLong.of(rate(id.substring(limit + 1))));
  }

  /** The name of a tier with or without a limit; {@link #DEVICE} if empty. */
  public static String id(Optional<ChunkSource> source) {
    return source.map(ChunkSource::id).orElse(DEVICE);
  }

  /** The shortest text that {@link #rate} parses to the same rate. */
  private static String rateText(long rate) {
    for (int thousands = UNITS.length(); thousands > 0; thousands--) {
      BigDecimal inUnit = BigDecimal.valueOf(rate, 3 * thousands).stripTrailingZeros();
      if (inUnit.compareTo(BigDecimal.ONE) >= 0 && inUnit.scale() <= MAX_DECIMALS) {
        return inUnit.toPlainString() + UNITS.charAt(thousands - 1) + "B/s";
      }
    }
    return rate + "B/s";
  }

  /** Parses a rate: {@code 3GB/s}, in powers of 1000. */
  public static long rate(String text) {
    Matcher form = RATE.matcher(text);
    require(form.matches(), "throttle is " + text + "; use a rate such as 3GB/s or 500MB/s");
    int thousands = UNITS.indexOf(form.group(2)) + 1;
    long rate =
        new BigDecimal(form.group(1))
            .scaleByPowerOfTen(form.group(2).isEmpty() ? 0 : 3 * thousands)
            .longValue();
    require(rate >= 1, "throttle is " + text + "; use 1B/s or more");
    return rate;
  }
}
