package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.UNREACHABLE;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Repeats what failed transiently, after the time that the server asks for, or after 1, 2, 4, …
 * seconds. Attempts count from the last progress.
 *
 * @param messages announcements of longer waits
 */
record Retries(Sleeper sleeper, Consumer<String> messages) {

  /** Waits. */
  interface Sleeper {
    void sleep(Duration duration) throws InterruptedException;
  }

  interface Attempt {
    void run() throws IOException, InterruptedException;
  }

  private static final int MAX_ATTEMPTS = 6;
  private static final Duration MAX_WAIT = Duration.ofMinutes(5);
  private static final Duration ANNOUNCED_WAIT = Duration.ofSeconds(4);

  /**
   * Runs an attempt until it succeeds or fails for good.
   *
   * @param progress of the attempts so far, for example bytes
   */
  void run(LongSupplier progress, Attempt attempt) throws IOException, InterruptedException {
    int failures = 0;
    while (true) {
      long before = progress.getAsLong();
      try {
        attempt.run();
        return;
      } catch (TransientException e) {
        failures = progress.getAsLong() > before ? 1 : failures + 1;
        pause(e, failures);
      }
    }
  }

  private void pause(TransientException e, int failures) throws IOException, InterruptedException {
    Duration wait = e.retryAfter().orElse(Duration.ofSeconds(1L << (failures - 1)));
    if (wait.compareTo(MAX_WAIT) > 0) {
      throw new HubException(
          UNREACHABLE,
          "%s, and to wait for %d minutes; try again then, or set HF_TOKEN for a higher limit"
              .formatted(e.getMessage(), wait.toMinutes()),
          e);
    }
    if (failures >= MAX_ATTEMPTS) {
      throw new HubException(
          UNREACHABLE,
          "%s, %d times; try again later: what has arrived is kept"
              .formatted(e.getMessage(), failures),
          e);
    }
    if (wait.compareTo(ANNOUNCED_WAIT) >= 0) {
      messages.accept("%s; trying again in %d s".formatted(e.getMessage(), wait.toSeconds()));
    }
    sleeper.sleep(wait);
  }
}
