package ai.cacheblend.metrics;

import java.util.Locale;
import java.util.Objects;

/**
 * Result of a non-inferiority test.
 *
 * @param outcome what the samples show
 * @param reason one sentence without a final period
 */
public record Verdict(Outcome outcome, String reason) {

  /** What the samples show. Records write the name in lower case. */
  public enum Outcome {
    /** The loss is smaller than the margin. */
    PASS,
    /** The loss is larger than the margin. */
    FAIL,
    /** The samples show neither; more samples may. */
    UNDECIDED,
    /** The set-up cannot show that the loss is smaller than the margin. */
    CANNOT_JUDGE;

    /** The outcome as records write it. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** The outcome as text. */
    public String text() {
      return id().replace('_', ' ');
    }
  }

  public Verdict {
    Objects.requireNonNull(outcome, "outcome");
    if (reason.isBlank()) {
      throw new IllegalArgumentException("reason is empty; state what decided the verdict");
    }
  }

  /** Whether further samples cannot change it. */
  public boolean isDecided() {
    return outcome == Outcome.PASS || outcome == Outcome.FAIL;
  }
}
