package ai.cacheblend.worker.forecast;

import ai.cacheblend.worker.blend.LayerWork;

/** The latest prefills of similar work. Not thread-safe. */
final class MeasuredShape {
  private static final int LATEST = 5;

  /** Distance of similar work, in natural logarithms of rows and pairs. */
  private static final double SIMILAR = .25;

  private final boolean firstUse;
  private LayerWork work = LayerWork.NONE;

  /** The median: prefills on a busy machine take longer. */
  private final RecentMedian seconds = new RecentMedian(LATEST);

  private double logRows;
  private double logPairs;
  private double logRatio;

  /**
   * @param firstUse whether its prefills have row counts that ran for the first time
   */
  MeasuredShape(boolean firstUse) {
    this.firstUse = firstUse;
  }

  void add(LayerWork added, double addedSeconds) {
    work = added;
    seconds.add(addedSeconds);
    logRows = Math.log(added.rows());
    logPairs = Math.log(added.pairs());
  }

  boolean firstUse() {
    return firstUse;
  }

  /** Takes the time of the fit for {@link #work}. */
  void fitted(double fittedSeconds) {
    logRatio = Math.log(seconds() / fittedSeconds);
  }

  /** Of the latest prefill. */
  LayerWork work() {
    return work;
  }

  double seconds() {
    return seconds.value().orElseThrow();
  }

  /** 1 for work that is just similar. */
  double squaredDistance(double logRowsOf, double logPairsOf) {
    double rows = (logRowsOf - logRows) / SIMILAR;
    double pairs = (logPairsOf - logPairs) / SIMILAR;
    return rows * rows + pairs * pairs;
  }

  /** Logarithm of measured by fitted time. */
  double logRatio() {
    return logRatio;
  }
}
