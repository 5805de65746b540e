package ai.cacheblend.orchestrator.client;

import java.time.Duration;

/** How long the thread that sends and receives for a worker looks for more before it sleeps. */
final class Alertness {
  /** A prompt of 16384 tokens, or the pause between two requests of a run, is shorter. */
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(1);

  private static final int PLENTY_OF_PROCESSORS = 8;

  private Alertness() {}

  /** None where a worker may compute on the processors of this machine. */
  static Duration of(WorkerDescription.Device worker, int processorCount) {
    return worker.kind().equals("cuda") && processorCount >= PLENTY_OF_PROCESSORS
        ? LONG_ENOUGH
        : Duration.ZERO;
  }
}
