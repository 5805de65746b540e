package ai.cacheblend.transport;

import java.time.Duration;

/**
 * How long a thread that a first token waits for polls for work before it blocks. Waking a blocked
 * thread takes about 0.1 ms on a virtual machine.
 */
public final class BusyPoll {
  /** Covers the prefill of 16384 tokens, and the pause between two requests of a run. */
  private static final Duration BUSY_POLL_DURATION = Duration.ofSeconds(1);

  private static final int MIN_PROCESSORS = 8;

  private BusyPoll() {}

  /**
   * Zero for a CPU worker, whose processors compute, and on hosts with few processors.
   *
   * @param gpuWorker whether the worker computes on a GPU
   * @param processorCount processors of the host of the polling thread
   */
  public static Duration duration(boolean gpuWorker, int processorCount) {
    return gpuWorker && processorCount >= MIN_PROCESSORS ? BUSY_POLL_DURATION : Duration.ZERO;
  }
}
