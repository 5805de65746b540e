package ai.cacheblend.orchestrator.load;

import java.util.function.DoubleUnaryOperator;

/**
 * The highest arrival rate of a queue at which a share of the times in the system is within a
 * limit.
 */
final class QueueCapacity {
  private QueueCapacity() {}

  /** Exponential service times; the time in the system is exponential. */
  static double mm1(double service, double limit, double share) {
    return 1 / service + Math.log1p(-share) / limit;
  }

  /**
   * Constant service times. The distribution of the waiting time is that of A. K. Erlang, 1909: L.
   * Kleinrock, "Queueing Systems", volume 1, problem 5.10.
   */
  static double md1(double service, double limit, double share) {
    return root(utilization -> md1Within(utilization, limit / service - 1) - share) / service;
  }

  /**
   * @param waiting limit of the waiting time, in service times
   */
  private static double md1Within(double utilization, double waiting) {
    double sum = 0;
    double factorial = 1;
    for (int i = 0; i <= (int) waiting; i++) {
      factorial *= i == 0 ? 1 : i;
      double at = utilization * (i - waiting);
      sum += Math.pow(at, i) / factorial * Math.exp(-at);
    }
    return (1 - utilization) * sum;
  }

  /** The utilization at which a falling function is 0. */
  private static double root(DoubleUnaryOperator function) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (function.applyAsDouble(middle) > 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
