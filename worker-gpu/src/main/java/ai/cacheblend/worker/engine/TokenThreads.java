package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeoutException;

/** Threads that sample tokens, so that a step does not wait for the samples of all requests. */
final class TokenThreads implements AutoCloseable {
  private final Duration maxWait;
  private final ExecutorService threads;

  /**
   * Threads start with the first work.
   *
   * @param maxWait how long the work of a step can delay the next one
   */
  TokenThreads(int threadCount, Duration maxWait) {
    checkArgument(threadCount >= 1, "threadCount is %s, must be 1 or more", threadCount);
    this.maxWait = maxWait;
    this.threads =
        Executors.newFixedThreadPool(
            threadCount,
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("tokens-%d").build());
  }

  /** Runs the work of a step. It may still run when this returns. */
  void run(List<RunnableFuture<?>> works) {
    works.forEach(threads::execute);
    long end = System.nanoTime() + maxWait.toNanos();
    for (RunnableFuture<?> work : works) {
      try {
        Uninterruptibles.getUninterruptibly(work, Duration.ofNanos(end - System.nanoTime()));
      } catch (ExecutionException | TimeoutException e) {
        // A failure is the outcome of the request alone.
      }
    }
  }

  /** Interrupts work that still runs. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
