package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import java.util.Optional;
import java.util.concurrent.RunnableFuture;

/**
 * The work of one request, as a state that the scheduler advances step by step. The threads of
 * {@link Batch} call all methods, one at a time and in the order of {@link RequestState}.
 *
 * @param <R> result of the request
 */
interface Request<R> extends AutoCloseable {
  RequestState state();

  /**
   * Leaves {@link RequestState#WAITING}: acquires what the request needs to run.
   *
   * @param arrivalNanos time of arrival, from the engine's ticker
   * @throws KvExhaustedException if too little memory is free; the call can be repeated
   */
  void start(long arrivalNanos);

  /**
   * Whether the request has what its next step needs. Where it has not, {@link #start} or {@link
   * #prepare} is called first.
   */
  default boolean prepared() {
    return state() != RequestState.WAITING;
  }

  /**
   * Acquires what the next step needs, after other requests have released memory.
   *
   * @throws KvExhaustedException if too little memory is free; the call can be repeated
   */
  default void prepare() {
    throw new IllegalStateException("the request acquires everything when it starts");
  }

  /**
   * Whether the next step of the request does not depend on the results of earlier ones. Then
   * {@link #nextStep} can be called while one of them runs.
   */
  default boolean stepsAhead() {
    return false;
  }

  /**
   * Whether the request must not be in the next step: it waits for its reader, or steps that run
   * compute the rest of it.
   *
   * @throws WorkerException if it has waited for too long; the request ends
   */
  default boolean paused() {
    return false;
  }

  /** Rows that can be in the next step. The state is PREFILL or DECODING. */
  StepDemand demand();

  /**
   * Rows of the request in the next step.
   *
   * @param rowCount all rows of the demand, or fewer if it is divisible
   */
  SequenceStep nextStep(int rowCount);

  /** Before {@link #advance}: the step had rows of other requests, too. */
  default void stepShared() {}

  /** Takes the result of these rows. Moves to the next state, unless work is {@link #pending}. */
  void advance(SequenceResult result);

  /**
   * Work that {@link #advance} has left to {@link TokenThreads}; empty if there is none. Until it
   * is done and {@link #settle} has been called, the request is in no step.
   */
  default Optional<RunnableFuture<?>> pending() {
    return Optional.empty();
  }

  /** Takes the outcome of the {@link #pending} work, which is done, and moves to the next state. */
  default void settle() {
    throw new IllegalStateException("the request leaves no work to other threads");
  }

  /** The result of an ended request. */
  R result();

  /** Releases what the request holds, in any state. */
  @Override
  void close();
}
