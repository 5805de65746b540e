package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as text: a number and a unit, such as {@code 500ms}, {@code 60s} or {@code 1.5m}. */
public final class TimeText {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(us|ms|s|m|h)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "us", Duration.ofNanos(1_000),
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1));

  /** Moments of a run fit into the range of a monotonic clock. */
  private static final Duration MAX = Duration.ofHours(10_000);

  private TimeText() {}

  /**
   * Parses a duration.
   *
   * @param name of the option, for the message
   */
  public static Duration parse(String name, String text) {
    Matcher form = FORM.matcher(text);
    require(
        form.matches(),
        name + " is '" + text + "'; write a number and one of us, ms, s, m, h, such as 500ms");
    BigDecimal unitNanos = BigDecimal.valueOf(UNITS.get(form.group(2)).toNanos());
    BigDecimal nanos = new BigDecimal(form.group(1)).multiply(unitNanos);
    require(
        nanos.compareTo(BigDecimal.valueOf(MAX.toNanos())) <= 0,
        name + " is " + text + "; use at most " + MAX.toHours() + "h");
    return Duration.ofNanos(nanos.longValue());
  }

  /** The shortest text that {@link #parse} takes, in hours to microseconds. */
  public static String of(Duration duration) {
    for (String unit : new String[] {"h", "m", "s", "ms"}) {
      long unitNanos = UNITS.get(unit).toNanos();
      if (duration.toNanos() != 0 && duration.toNanos() % unitNanos == 0) {
        return duration.toNanos() / unitNanos + unit;
      }
    }
    return BigDecimal.valueOf(duration.toNanos(), 3).stripTrailingZeros().toPlainString() + "us";
  }
}
