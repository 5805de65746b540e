package ai.cacheblend.metrics;

import java.util.Locale;

/** What an interval of a loss says against the loss that is still acceptable. */
public enum NonInferiority {
  /** The whole interval lies below the margin. */
  NON_INFERIOR,
  /** The whole interval lies above the margin. */
  INFERIOR,
  /** The interval holds the margin. */
  UNDECIDED;

  /** The verdict on a loss within {@code [low, high]}; NaN ends decide nothing. */
  public static NonInferiority of(double low, double high, double margin) {
    if (high < margin) {
      return NON_INFERIOR;
    }
    return low > margin ? INFERIOR : UNDECIDED;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
