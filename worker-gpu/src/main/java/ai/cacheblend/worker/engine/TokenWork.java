package ai.cacheblend.worker.engine;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Chooses the next token of a request. Any thread can run it, once. */
final class TokenWork<T> extends FutureTask<T> {
  private final boolean slow;

  /**
   * Work for the threads of {@link TokenThreads}.
   *
   * @param slow whether it takes long enough to delay the next step, as sampling from a large
   *     vocabulary does
   */
  TokenWork(boolean slow, Callable<T> work) {
    super(work);
    this.slow = slow;
  }

  boolean slow() {
    return slow;
  }
}
