package ai.cacheblend.orchestrator.compare;

import java.util.Locale;

/** What two runs are compared by. */
public enum Measure {
  /** Client TTFT. Compared as a ratio, in logarithms. */
  TTFT(true, "slower", "faster"),
  /** Full prefill's client TTFT over the arm's. Compared as a ratio, in logarithms. */
  SPEEDUP(true, "higher", "lower"),
  /** Score on the headline metric. Compared as a difference. */
  QUALITY(false, "better", "worse");

  private final boolean relative;
  private final String up;
  private final String down;

  Measure(boolean relative, String up, String down) {
    this.relative = relative;
    this.up = up;
    this.down = down;
  }

  /** Whether changes are shares of the first run's value. */
  public boolean relative() {
    return relative;
  }

  /** In one word, which way the second run's value differs. */
  String word(boolean above) {
    return above ? up : down;
  }

  /** A measured value on the scale on which differences are taken. */
  double toScale(double value) {
    return relative ? Math.log(value) : value;
  }

  /** A change as users write it (0.05 for 5 %) on that scale. */
  double changeToScale(double change) {
    return relative ? Math.log1p(change) : change;
  }

  /** The other way round. */
  double changeOfScale(double difference) {
    return relative ? Math.expm1(difference) : difference;
  }

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
