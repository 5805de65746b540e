package ai.cacheblend.orchestrator.load;

/**
 * Clock and event queue of a load generator. All state of a generator belongs to the thread that
 * calls {@link #run}.
 */
interface Pace {

  /** Monotonic time. From any thread. */
  long nanos();

  /** Runs {@code work} in a later {@link #run}. From any thread. */
  void post(Runnable work);

  /**
   * Returns at {@code untilNanos}, or earlier when it has run posted work.
   *
   * @param untilNanos {@link Long#MAX_VALUE} to wait for work only
   */
  void run(long untilNanos);
}
