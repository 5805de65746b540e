package ai.cacheblend.metrics;

import java.util.List;

/**
 * The mean of correlated values with its 95 % interval by the method of batch means: a t interval
 * of the means of batches. A. M. Law, "Simulation Modeling and Analysis", section 9.5.
 *
 * @param batchCount number of batches
 * @param mean of all values
 * @param low95 lower end of the interval; NaN if there is one batch
 * @param high95 upper end; NaN if there is one batch
 */
public record BatchMeans(int batchCount, double mean, double low95, double high95) {

  /**
   * Batches may differ in size; each has the weight of its size in the mean. The interval is around
   * the mean of all values, with the standard error of a ratio of sums.
   *
   * @throws IllegalArgumentException if there is no batch, or one is empty or has a value that is
   *     not finite
   */
  public static BatchMeans of(List<double[]> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("batches: empty; use at least one");
    }
    double[] sums = new double[batches.size()];
    long count = 0;
    double sum = 0;
    for (int i = 0; i < sums.length; i++) {
      for (double value : Samples.checked("batch " + i, batches.get(i))) {
        sums[i] += value;
      }
      count += batches.get(i).length;
      sum += sums[i];
    }
    double mean = sum / count;
    double averageSize = (double) count / sums.length;
    double squareSum = 0;
    for (int i = 0; i < sums.length; i++) {
      double residual = (sums[i] - mean * batches.get(i).length) / averageSize;
      squareSum += residual * residual;
    }
    double halfWidth = StudentT.halfWidth95(sums.length, Math.sqrt(squareSum / (sums.length - 1)));
    return new BatchMeans(sums.length, mean, mean - halfWidth, mean + halfWidth);
  }
}
