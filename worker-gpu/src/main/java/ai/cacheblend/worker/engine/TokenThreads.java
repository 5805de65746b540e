package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Threads that choose the tokens of a step, so that the next one can begin soon. */
final class TokenThreads implements AutoCloseable {
  /** A thread is woken for no less. Fast work takes about as long as the wake-up. */
  private static final int MIN_FAST_PER_THREAD = 4;

  private final int threadCount;
  private final Duration maxWait;
  private final ExecutorService threads;

  /**
   * Threads start with the first work.
   *
   * @param maxWait how long slow work can delay a step
   */
  TokenThreads(int threadCount, Duration maxWait) {
    checkArgument(threadCount >= 1, "threadCount is %s, must be 1 or more", threadCount);
    this.threadCount = threadCount;
    this.maxWait = maxWait;
    this.threads =
        Executors.newFixedThreadPool(
            threadCount,
            new ThreadFactoryBuilder().setDaemon(true).setNameFormat("tokens-%d").build());
  }

  /**
   * Runs the work of a step, fast work also on the calling thread. Fast work is done when this
   * returns. Slow work may still run.
   */
  void run(List<TokenWork<?>> all) {
    List<TokenWork<?>> slow = all.stream().filter(TokenWork::slow).toList();
    List<TokenWork<?>> fast = all.stream().filter(work -> !work.slow()).toList();
    slow.forEach(threads::execute);
    AtomicInteger next = new AtomicInteger();
    Runnable share =
        () -> {
          for (int i = next.getAndIncrement(); i < fast.size(); i = next.getAndIncrement()) {
            fast.get(i).run();
          }
        };
    int helpers = Math.min(threadCount, (fast.size() - 1) / MIN_FAST_PER_THREAD);
    for (int i = 0; i < helpers; i++) {
      threads.execute(share);
    }
    share.run();
    fast.forEach(work -> await(work, Duration.ofNanos(Long.MAX_VALUE)));
    long end = System.nanoTime() + maxWait.toNanos();
    slow.forEach(work -> await(work, Duration.ofNanos(end - System.nanoTime())));
  }

  private static void await(TokenWork<?> work, Duration limit) {
    try {
      Uninterruptibles.getUninterruptibly(work, limit);
    } catch (ExecutionException | TimeoutException e) {
      // A failure is the outcome of the request alone.
    }
  }

  /** Interrupts work that still runs. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
