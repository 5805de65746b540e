package ai.cacheblend.orchestrator.plan;

import java.util.Locale;

/**
 * A level of load.
 *
 * @param value requests per second, or requests at a time
 */
public record LoadPoint(Kind kind, double value) {

  /** What a level sets. */
  public enum Kind {
    /** Requests per second, in an open loop. */
    RATE("requests/s"),
    /** Requests at a time, in a closed loop. */
    CONCURRENCY("concurrent requests");

    private final String unit;

    Kind(String unit) {
      this.unit = unit;
    }

    /** Name of the field in records. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    public String unit() {
      return unit;
    }
  }

  /** For example {@code rate 2.5} or {@code concurrency 8}. */
  public String text() {
    return kind.key() + " " + number();
  }

  /** The value without needless zeros. */
  public String number() {
    return value == Math.rint(value) && Math.abs(value) < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
