package ai.cacheblend.orchestrator.records;

import ai.cacheblend.metrics.MeanDifference;
import java.util.Optional;

/**
 * The highest rate at which an arm meets an objective.
 *
 * @param slo such as {@code ttft:p90=500ms,itl:p99=50ms}
 * @param estimate empty if all slices met the objective, or none did
 * @param low lower end of the 95 % interval, in requests per second; 0 if no slice met the
 *     objective
 * @param high upper end; infinite if all slices met the objective
 * @param slices that the search has run
 */
public record LoadCapacity(
    String arm, String slo, Optional<Estimate> estimate, double low, double high, int slices) {

  /**
   * An estimate.
   *
   * @param rate requests per second
   * @param logStandardError of the rate's natural logarithm
   * @param degreesOfFreedom of its t distribution
   * @param limitedBy the limit that is exceeded first, such as {@code ttft:p90=500ms}
   */
  public record Estimate(
      double rate, double logStandardError, double degreesOfFreedom, String limitedBy) {

    /** Difference of logarithms, {@code other} minus this; the two are independent. */
    public MeanDifference to(Estimate other) {
      double variance = logStandardError * logStandardError;
      double otherVariance = other.logStandardError * other.logStandardError;
      double sum = variance + otherVariance;
      // Satterthwaite's approximation, as for Welch's test.
      double freedom =
          sum == 0
              ? degreesOfFreedom + other.degreesOfFreedom
              : sum
                  * sum
                  / (variance * variance / degreesOfFreedom
                      + otherVariance * otherVariance / other.degreesOfFreedom);
      return new MeanDifference(Math.log(other.rate / rate), Math.sqrt(sum), freedom);
    }
  }

  public LoadCapacity {
    if (!(low >= 0 && high >= low)) {
      throw new IllegalArgumentException(
          "low, high: " + low + ", " + high + "; use 0 <= low <= high");
    }
  }

  /** With an estimate. */
  public static LoadCapacity of(String arm, String slo, Estimate estimate, int slices) {
    MeanDifference log =
        new MeanDifference(
            Math.log(estimate.rate), estimate.logStandardError, estimate.degreesOfFreedom);
    return new LoadCapacity(
        arm, slo, Optional.of(estimate), Math.exp(log.low95()), Math.exp(log.high95()), slices);
  }

  /** Without an estimate: the rate is between two bounds. */
  public static LoadCapacity unknown(String arm, String slo, double low, double high, int slices) {
    return new LoadCapacity(arm, slo, Optional.empty(), low, high, slices);
  }
}
