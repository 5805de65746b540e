package ai.cacheblend.worker.engine;

/**
 * When to launch the step behind the one that runs: late, so that requests which arrive meanwhile
 * are in it, but before the running step ends, so that the device does not wait. A step is expected
 * to take as long as the last one, or, with fewer sequences, at least their share of that: weights
 * are read for any number of them. Times are of the engine's ticker, in nanoseconds. Used by the
 * scheduler thread.
 */
final class LaunchTimer {
  /**
   * Planning a step takes less until its first kernel is enqueued (0.7 ms on an H200; the rest is
   * enqueued while that kernel runs), and steps vary by less.
   */
  private static final long LEAD_NANOS = 1_200_000;

  private long beginNanos;
  private int sequenceCount;
  private long durationNanos;

  /** 0: no step has ended. */
  private int durationSequenceCount;

  /** A step has begun to run, whose successor can be launched while it does. */
  void began(long now, int sequences) {
    beginNanos = now;
    sequenceCount = sequences;
  }

  /** The step that began last has ended. */
  void ended(long now) {
    durationNanos = now - beginNanos;
    durationSequenceCount = sequenceCount;
  }

  /** The time to launch the successor of the step that began last, if that does not end before. */
  long dueNanos() {
    if (durationSequenceCount == 0) {
      return beginNanos;
    }
    double share = Math.min(1, (double) sequenceCount / durationSequenceCount);
    return beginNanos + (long) (share * durationNanos) - LEAD_NANOS;
  }
}
