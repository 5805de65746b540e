package ai.cacheblend.orchestrator.client;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Acquires a lease. If only runs that were killed on this host hold the worker, it waits until
 * their leases have ended; a live run is not waited for.
 */
public final class LeaseWait {
  /** A lease that is not renewed ends after 15 s. */
  static final Duration LIMIT = Duration.ofSeconds(20);

  private static final Duration STEP = Duration.ofMillis(500);

  private final Ticker ticker;
  private final Consumer<Duration> pause;
  private final Consumer<String> messages;
  private final Predicate<String> ended;

  /**
   * @param pause waits
   * @param messages receives one line if there is a wait
   * @param ended whether the run that holds a lease, by its name, has ended without release
   */
  LeaseWait(
      Ticker ticker, Consumer<Duration> pause, Consumer<String> messages, Predicate<String> ended) {
    this.ticker = ticker;
    this.pause = pause;
    this.messages = messages;
    this.ended = ended;
  }

  public LeaseWait(Ticker ticker, Consumer<Duration> pause, Consumer<String> messages) {
    this(ticker, pause, messages, LeaseHolder::isEndedHere);
  }

  /**
   * Calls {@code acquire} until it succeeds.
   *
   * @param holders names of the current leases
   * @throws WorkerException of the last call
   */
  void run(String worker, Runnable acquire, Supplier<List<String>> holders) {
    long begunNanos = ticker.read();
    boolean told = false;
    while (true) {
      try {
        acquire.run();
        return;
      } catch (WorkerException e) {
        boolean late = ticker.read() - begunNanos >= LIMIT.toNanos();
        if (late || !e.isLeased() || !holders.get().stream().allMatch(ended)) {
          throw e;
        }
        if (!told) {
          messages.accept(
              "waiting up to %d s for the lease of an ended run on worker %s"
                  .formatted(LIMIT.toSeconds(), worker));
          told = true;
        }
        pause.accept(STEP);
      }
    }
  }
}
