package ai.cacheblend.orchestrator.records;

import java.util.List;

/**
 * Receives the events of a run. Calls come from several threads, one at a time.
 *
 * @param <B> result of a block
 */
public interface BlockListener<B> {

  /** Work of {@code weight} begins. The unit of weights is the run's own. */
  default void started(double weight) {}

  /** A block of {@code weight} has ended. */
  default void finished(B block, double weight) {}

  /** A worker left the run. Its share moves to the other workers. */
  default void workerLost(String worker, String reason) {}

  /** Forwards each event to all of {@code listeners}, in order, one event at a time. */
  static <B> BlockListener<B> all(List<BlockListener<B>> listeners) {
    List<BlockListener<B>> copy = List.copyOf(listeners);
    return new BlockListener<>() {
      @Override
      public synchronized void started(double weight) {
        copy.forEach(listener -> listener.started(weight));
      }

      @Override
      public synchronized void finished(B block, double weight) {
        copy.forEach(listener -> listener.finished(block, weight));
      }

      @Override
      public synchronized void workerLost(String worker, String reason) {
        copy.forEach(listener -> listener.workerLost(worker, reason));
      }
    };
  }
}
