package ai.cacheblend.worker.cli;

import java.time.Duration;

/**
 * How long threads that a request passes through look for the next thing to do before they sleep.
 * Waking one up takes its time, which a first token waits for.
 */
final class Alertness {
  /** A prompt of 16384 tokens, or the pause between two requests of a run, is shorter. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(1);

  private static final int PLENTY_OF_PROCESSORS = 8;

  private Alertness() {}

  /** None where processors compute, and would do so more slowly. */
  static Duration of(DeviceName device, int processorCount) {
    return device.isCuda() && processorCount >= PLENTY_OF_PROCESSORS ? LONG_ENOUGH : Duration.ZERO;
  }
}
