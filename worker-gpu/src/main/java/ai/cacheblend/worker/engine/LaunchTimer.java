package ai.cacheblend.worker.engine;

/**
 * When to launch the step behind the one that runs: late, so that requests which arrive meanwhile
 * are in it, but before the running step ends, so that the device does not wait. A step is expected
 * to take as long as the last one, or, with fewer sequences, at least their share of that: weights
 * are read for any number of them. Times are of the engine's ticker, in nanoseconds. Used by the
 * scheduler thread.
 */
final class LaunchTimer {
  /** Steps and launches vary by less. */
  private static final long MARGIN_NANOS = 700_000;

  /** Waiting for a step that has ended already takes less. */
  private static final long MIN_WAIT_NANOS = 100_000;

  private static final int NO_DURATION = Integer.MAX_VALUE;

  private long launchNanos;
  private long beginNanos;
  private int sequenceCount;
  private long durationNanos;
  private int durationSequenceCount = NO_DURATION;

  /**
   * A step was launched, and began to run at once or at the end of the step before.
   *
   * @param nanos time that the launch took
   */
  void launched(long nanos) {
    launchNanos = nanos;
  }

  /** A step has begun to run, whose successor can be launched while it does. */
  void began(long now, int sequences) {
    beginNanos = now;
    sequenceCount = sequences;
  }

  /**
   * The step that began last has ended. If its successor was launched too late, it has ended at
   * some earlier time, and its duration is not known.
   *
   * @param waitedNanos how long the end was waited for
   */
  void ended(long now, long waitedNanos) {
    durationNanos = now - beginNanos;
    durationSequenceCount = waitedNanos < MIN_WAIT_NANOS ? NO_DURATION : sequenceCount;
  }

  /** The time to launch the successor of the step that began last. */
  long dueNanos() {
    if (durationSequenceCount == NO_DURATION) {
      return beginNanos;
    }
    double share = Math.min(1, (double) sequenceCount / durationSequenceCount);
    long expectedNanos = (long) (share * durationNanos);
    return beginNanos + expectedNanos - launchNanos - launchNanos / 2 - MARGIN_NANOS;
  }
}
