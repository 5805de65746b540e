package ai.cacheblend.metrics;

import java.util.Locale;
import java.util.OptionalInt;

/**
 * Decides sample by sample whether an arm's mean score is lower than the baseline's by less than a
 * margin.
 *
 * <p>Pass needs two rejections, each at level 5 % over all sample sizes together ({@link
 * BettingTest}): that the loss is at least the margin, and that the baseline's mean score is at
 * most {@link #FLOOR_FACTOR} times the margin. Both must hold for a right pass, so a wrong one has
 * probability at most 5 %. Fail needs one rejection: that the loss is at most the margin.
 *
 * <p>The second condition exists because an arm cannot lose more than the baseline scores. Where
 * the baseline is at the floor of 0, equal scores only show that neither arm solves the task. The
 * factor follows non-inferiority trials, where a margin must keep at least half of the effect of
 * the active control, and that effect is taken at its lower confidence bound (FDA, "Non-Inferiority
 * Clinical Trials to Establish Effectiveness", 2016).
 *
 * <p>Not thread-safe.
 */
public final class NonInferiorityRule {

  /** Error rate of each side. */
  public static final double ALPHA = 0.05;

  /** The baseline must score more than this many margins. */
  public static final double FLOOR_FACTOR = 2;

  /** From this share of empty answers on, the baseline's score says nothing about the model. */
  private static final double EMPTY_SHARE = 0.5;

  private final double margin;
  private final double floor;
  private final BettingTest loss;
  private final BettingCapital aboveFloor;
  private OptionalInt aboveFloorAfter = OptionalInt.empty();
  private double largestLogAboveFloor;
  private double baselineSum;
  private int emptyCount;
  private OptionalInt passedAfter = OptionalInt.empty();

  /**
   * @param margin largest acceptable loss of mean score, above 0 and below 1
   */
  public NonInferiorityRule(double margin) {
    this.margin = margin;
    this.floor = FLOOR_FACTOR * margin;
    this.loss = new BettingTest(margin, ALPHA);
    this.aboveFloor = new BettingCapital(floor, 0);
  }

  /**
   * Adds the next sample.
   *
   * @param baselineScore in [0, 1]
   * @param armScore in [0, 1]
   * @param baselineEmpty whether the baseline's answer has no text to score
   * @throws IllegalArgumentException if a score is out of range; the test is unchanged then
   */
  public void add(double baselineScore, double armScore, boolean baselineEmpty) {
    Samples.checkRange("baselineScore", baselineScore, 0, 1);
    Samples.checkRange("armScore", armScore, 0, 1);
    loss.add(armScore - baselineScore);
    aboveFloor.add(baselineScore, 1);
    largestLogAboveFloor = Math.max(largestLogAboveFloor, aboveFloor.log());
    baselineSum += baselineScore;
    emptyCount += baselineEmpty ? 1 : 0;
    if (aboveFloorAfter.isEmpty() && aboveFloor.log() >= loss.logThreshold()) {
      aboveFloorAfter = OptionalInt.of(loss.count());
    }
    if (passedAfter.isEmpty()
        && loss.passedAfter().isPresent()
        && aboveFloorAfter.isPresent()
        && !mostlyEmpty()) {
      passedAfter = OptionalInt.of(loss.count());
    }
  }

  /** The test of the differences. */
  public BettingTest loss() {
    return loss;
  }

  /** Smallest number of samples with which a margin can be judged if every difference is 0. */
  public static long samplesToPass(double margin) {
    return BettingTest.samplesToPass(margin, ALPHA);
  }

  /**
   * A p value of the hypothesis that a pass is wrong: that the loss is at least the margin, or that
   * the baseline scores too little. It is valid after any number of samples, and may be corrected
   * for the number of arms.
   */
  public double passP() {
    return loss.count() == 0 || mostlyEmpty()
        ? 1
        : Math.exp(-Math.min(loss.largestLogPassCapital(), largestLogAboveFloor));
  }

  /** Whether the verdict is pass or fail. */
  public boolean isDecided() {
    return passedAfter.isPresent() != loss.failedAfter().isPresent();
  }

  /** The verdict on the samples so far. A decided verdict is final. */
  public Verdict verdict() {
    if (passedAfter.isPresent() && loss.failedAfter().isPresent()) {
      return contradiction(passedAfter.getAsInt(), loss.failedAfter().getAsInt());
    }
    if (loss.failedAfter().isPresent()) {
      return verdict(
          Verdict.Outcome.FAIL,
          "the mean score is shown to be lower by more than %s after %d samples",
          margin,
          loss.failedAfter().getAsInt());
    }
    if (passedAfter.isPresent()) {
      return verdict(
          Verdict.Outcome.PASS,
          "the mean score is shown to be lower by less than %s, or higher, after %d samples",
          margin,
          passedAfter.getAsInt());
    }
    return undecided();
  }

  private Verdict undecided() {
    int n = loss.count();
    if (n == 0) {
      return verdict(Verdict.Outcome.CANNOT_JUDGE, "there is no valid sample");
    }
    if (mostlyEmpty()) {
      return verdict(
          Verdict.Outcome.CANNOT_JUDGE,
          "%d of %d answers of the baseline are empty; check prompt template and stop strings",
          emptyCount,
          n);
    }
    boolean lossExcluded = loss.passedAfter().isPresent();
    if (baselineSum / n <= floor || (lossExcluded && aboveFloorAfter.isEmpty())) {
      return verdict(
          Verdict.Outcome.CANNOT_JUDGE,
          "the baseline scores %.3g, which is not shown to be above %.3g, twice the margin: use"
              + " data that the model can answer, or a smaller margin",
          baselineSum / n,
          floor);
    }
    long needed = samplesToPass(margin);
    if (n < needed) {
      return verdict(
          Verdict.Outcome.CANNOT_JUDGE,
          "%d samples are too few for a margin of %s; use %d or more",
          n,
          margin,
          needed);
    }
    return verdict(
        Verdict.Outcome.UNDECIDED,
        "%d samples show neither a smaller nor a larger loss than %s; more samples may",
        n,
        margin);
  }

  /** Has probability at most 10 % unless the population changes along the samples. */
  private static Verdict contradiction(int passedAfter, int failedAfter) {
    return verdict(
        Verdict.Outcome.CANNOT_JUDGE,
        "the samples contradict each other: pass after %d, fail after %d; shuffle the data",
        passedAfter,
        failedAfter);
  }

  private boolean mostlyEmpty() {
    return emptyCount >= EMPTY_SHARE * loss.count();
  }

  private static Verdict verdict(Verdict.Outcome outcome, String reason, Object... values) {
    return new Verdict(outcome, String.format(Locale.ROOT, reason, values));
  }
}
