package ai.cacheblend.orchestrator.compare;

import java.util.Locale;

/** Measures that are compared between two runs. */
public enum ComparedMeasure {
  /** Compared as a ratio, in logarithms. */
  TTFT(true, "slower", "faster"),
  /** Compared as a ratio, in logarithms. */
  SPEEDUP(true, "higher", "lower"),
  /** Compared as a difference. */
  QUALITY(false, "better", "worse"),
  /** Under load. Compared as a ratio, in logarithms. */
  ITL(true, "slower", "faster"),
  /** Answers per second under load. Compared as a ratio, in logarithms. */
  THROUGHPUT(true, "higher", "lower"),
  /** Highest rate that meets the objective. Compared as a ratio, in logarithms. */
  CAPACITY(true, "higher", "lower");

  private final boolean relative;
  private final String increased;
  private final String decreased;

  ComparedMeasure(boolean relative, String increased, String decreased) {
    this.relative = relative;
    this.increased = increased;
    this.decreased = decreased;
  }

  /** Whether changes are shares of the first run's value; changes of scores are differences. */
  public boolean relative() {
    return relative;
  }

  /** Whether it depends on the load of the machine. */
  public boolean timing() {
    return this != QUALITY;
  }

  /** Verdict on a resolved change. */
  String verdict(boolean increase) {
    return increase ? increased : decreased;
  }

  /** Converts a value to the scale of the test. */
  double toScale(double value) {
    return relative() ? Math.log(value) : value;
  }

  /** Converts a change, for example 0.05 for 5 %, to that scale. */
  double changeToScale(double change) {
    return relative() ? Math.log1p(change) : change;
  }

  /** The inverse of {@link #changeToScale}. */
  double changeOfScale(double difference) {
    return relative() ? Math.expm1(difference) : difference;
  }

  /** Name in conditions, tables and files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
