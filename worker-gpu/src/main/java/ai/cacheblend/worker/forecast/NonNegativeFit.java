package ai.cacheblend.worker.forecast;

import java.util.Arrays;

/**
 * Least squares of relative errors with coefficients that are not negative. The first feature is
 * always used; another one only where it makes the error clearly smaller, because measurements of
 * similar shapes cannot tell the features apart.
 */
final class NonNegativeFit {
  private static final double CLEARLY = .8;
  private static final double SINGULAR = 1e-9;

  private NonNegativeFit() {}

  /**
   * One coefficient per feature.
   *
   * @param features by sample; the first is positive
   * @param targets positive
   */
  static double[] solve(double[][] features, double[] targets) {
    int count = features[0].length;
    double[] best = null;
    double bestError = Double.POSITIVE_INFINITY;
    for (int size = 1; size <= count; size++) {
      for (int subset = 1; subset < 1 << count; subset += 2) {
        if (Integer.bitCount(subset) == size) {
          double[] candidate = solve(features, targets, subset);
          double error = error(features, targets, candidate);
          if (error < CLEARLY * bestError) {
            best = candidate;
            bestError = error;
          }
        }
      }
    }
    return best;
  }

  /** Null if the features of the subset cannot be told apart, or need a negative coefficient. */
  private static double[] solve(double[][] features, double[] targets, int subset) {
    int[] used = usedFeatures(features[0].length, subset);
    double[][] system = new double[used.length][used.length + 1];
    for (int sample = 0; sample < targets.length; sample++) {
      for (int row = 0; row < used.length; row++) {
        double left = features[sample][used[row]] / targets[sample];
        for (int column = 0; column < used.length; column++) {
          system[row][column] += left * features[sample][used[column]] / targets[sample];
        }
        system[row][used.length] += left;
      }
    }
    double[] solution = solve(system);
    if (solution == null || Arrays.stream(solution).anyMatch(value -> value < 0)) {
      return null;
    }
    double[] coefficients = new double[features[0].length];
    for (int i = 0; i < used.length; i++) {
      coefficients[used[i]] = solution[i];
    }
    return coefficients;
  }

  private static int[] usedFeatures(int count, int subset) {
    int[] used = new int[Integer.bitCount(subset)];
    for (int feature = 0, next = 0; feature < count; feature++) {
      if ((subset >> feature & 1) == 1) {
        used[next++] = feature;
      }
    }
    return used;
  }

  /** Elimination without pivoting: the matrix is positive semidefinite. */
  private static double[] solve(double[][] system) {
    int size = system.length;
    double[] diagonal = new double[size];
    for (int i = 0; i < size; i++) {
      diagonal[i] = system[i][i];
    }
    for (int pivot = 0; pivot < size; pivot++) {
      if (system[pivot][pivot] <= SINGULAR * diagonal[pivot]) {
        return null;
      }
      for (int row = pivot + 1; row < size; row++) {
        double factor = system[row][pivot] / system[pivot][pivot];
        for (int column = pivot; column <= size; column++) {
          system[row][column] -= factor * system[pivot][column];
        }
      }
    }
    double[] solution = new double[size];
    for (int row = size - 1; row >= 0; row--) {
      double value = system[row][size];
      for (int column = row + 1; column < size; column++) {
        value -= system[row][column] * solution[column];
      }
      solution[row] = value / system[row][row];
    }
    return solution;
  }

  private static double error(double[][] features, double[] targets, double[] coefficients) {
    if (coefficients == null) {
      return Double.POSITIVE_INFINITY;
    }
    double error = 0;
    for (int sample = 0; sample < targets.length; sample++) {
      double value = 0;
      for (int i = 0; i < coefficients.length; i++) {
        value += coefficients[i] * features[sample][i];
      }
      error += Math.pow(value / targets[sample] - 1, 2);
    }
    return error;
  }
}
