package ai.cacheblend.orchestrator.run;

import java.util.List;

/**
 * Hears of a run as it goes on. Calls come from several threads, one at a time.
 *
 * @param <R> what the run yields step by step
 */
public interface RunListener<R> {

  /** Work of {@code weight}, in units of its own, is about to begin. */
  default void started(double weight) {}

  /** A step of {@code weight} is done. */
  default void finished(R result, double weight) {}

  /** A worker is out of the run; its share goes to the others. */
  default void workerLost(String worker, String reason) {}

  /** One listener that tells all of {@code listeners}, in order, one event at a time. */
  static <R> RunListener<R> all(List<RunListener<R>> listeners) {
    List<RunListener<R>> copy = List.copyOf(listeners);
    return new RunListener<>() {
      @Override
      public synchronized void started(double weight) {
        copy.forEach(listener -> listener.started(weight));
      }

      @Override
      public synchronized void finished(R result, double weight) {
        copy.forEach(listener -> listener.finished(result, weight));
      }

      @Override
      public synchronized void workerLost(String worker, String reason) {
        copy.forEach(listener -> listener.workerLost(worker, reason));
      }
    };
  }
}
