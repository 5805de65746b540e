package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;

/**
 * The work of one request, as a state that the scheduler advances step by step. The scheduler
 * thread calls all methods, in the order of {@link RequestState}.
 *
 * @param <R> result of the request
 */
interface Request<R> extends AutoCloseable {
  RequestState state();

  /**
   * Leaves {@link RequestState#WAITING}: acquires what the request needs to run.
   *
   * @param arrivalNanos time of arrival, from the engine's ticker
   */
  void start(long arrivalNanos);

  /** Rows of the request in the next step. Its state is PREFILL or DECODING. */
  SequenceStep nextStep();

  /** Takes the result of these rows and moves to the next state. */
  void advance(SequenceResult result);

  /** The result of an ended request. */
  R result();

  /** Releases what the request holds, in any state. */
  @Override
  void close();
}
