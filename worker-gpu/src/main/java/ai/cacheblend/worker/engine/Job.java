package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RunnableFuture;

/**
 * A request in the scheduler, with its interruption and its result. Used by the threads of {@link
 * Batch}, except {@link #reject}, for a request that has left the queue without having started, or
 * whose scheduler has failed.
 */
final class Job<R> {
  private final Request<R> request;
  private final Interruption interruption;
  private final long arrivalNanos;
  private final CompletableFuture<R> result = new CompletableFuture<>();
  private boolean ended;
  private boolean paused;

  /** Steps with rows of the request that were launched and have not ended. */
  private int runningStepCount;

  /** Why the request fails; null while it does not. It ends when no step of it runs. */
  private Throwable failure;

  /** Why the request waits for memory; null while it does not. */
  private KvExhaustedException shortage;

  Job(Request<R> request, Interruption interruption, long arrivalNanos) {
    this.request = request;
    this.interruption = interruption;
    this.arrivalNanos = arrivalNanos;
  }

  CompletableFuture<R> result() {
    return result;
  }

  boolean ended() {
    return ended;
  }

  /** Whether the request is in no further step: it has failed, or has its result. */
  boolean ending() {
    return ended || failure != null || answered();
  }

  /** Whether the request has its result. A step that runs can have computed a row in vain. */
  boolean answered() {
    return failure == null && request.state() == RequestState.ENDED;
  }

  /** A step with rows of the request was launched. */
  void launched() {
    runningStepCount++;
  }

  /** The step has ended. */
  void landed() {
    runningStepCount--;
    if (failure != null) {
      failIfNoStepRuns();
    }
  }

  /** Whether the next step does not depend on the results of those that run. */
  boolean stepsAhead() {
    return ending() || request.stepsAhead();
  }

  /**
   * Before each step: fails if the request was cancelled, its deadline has passed, or its reader is
   * too slow.
   */
  void check() {
    if (ending()) {
      return;
    }
    interruption.check();
    settle();
    paused = !ended && request.paused();
  }

  /** Whether the request waits for its reader or its token. */
  boolean paused() {
    return !ended && (paused || pending().isPresent());
  }

  /** Work that the request waits for. */
  Optional<RunnableFuture<?>> pending() {
    return ended ? Optional.empty() : request.pending();
  }

  /** Takes the outcome of the work, if it is done. */
  void settle() {
    if (pending().filter(Future::isDone).isPresent()) {
      request.settle();
      completeIfEnded();
    }
  }

  boolean started() {
    return request.state() != RequestState.WAITING;
  }

  /** Whether the request has what its next step needs. */
  boolean prepared() {
    return !ended && request.prepared();
  }

  /** Starts the request, or continues it where it waits for memory. */
  void prepare() {
    try {
      if (started()) {
        request.prepare();
      } else {
        request.start(arrivalNanos);
      }
      shortage = null;
    } catch (KvExhaustedException e) {
      shortage = e;
      return;
    }
    completeIfEnded();
  }

  /** Why the last {@link #prepare} has failed; empty if it has not. */
  Optional<KvExhaustedException> shortage() {
    return Optional.ofNullable(shortage);
  }

  StepDemand demand() {
    return request.demand();
  }

  SequenceStep nextStep(int rowCount) {
    return request.nextStep(rowCount);
  }

  void stepShared() {
    request.stepShared();
  }

  void advance(SequenceResult step) {
    if (!ending()) {
      interruption.check();
      request.advance(step);
    }
    completeIfEnded();
  }

  /**
   * Completes a request that has its result, once no step of it runs. Releases what the request
   * holds before its result becomes visible.
   */
  void completeIfEnded() {
    if (!ended && answered() && runningStepCount == 0) {
      R value = request.result();
      request.close();
      ended = true;
      result.complete(value);
    }
  }

  /**
   * Ends the request, once no step of it runs. An interrupted request fails with the reason of the
   * interruption.
   */
  void fail(Throwable cause) {
    if (failure == null) {
      failure = interruptionOf(cause).orElseGet(() -> Failures.ofRequest(cause));
    }
    failIfNoStepRuns();
  }

  @SuppressWarnings("CatchingUnchecked")
  private void failIfNoStepRuns() {
    if (ended || runningStepCount > 0) {
      return;
    }
    try {
      request.close();
    } catch (Throwable t) {
      failure.addSuppressed(t);
    }
    ended = true;
    result.completeExceptionally(failure);
  }

  private Optional<Throwable> interruptionOf(Throwable cause) {
    try {
      interruption.check();
      return Optional.empty();
    } catch (WorkerException e) {
      if (e != cause) {
        e.addSuppressed(cause);
      }
      return Optional.of(e);
    }
  }

  void reject(FailureKind defaultKind, String message) {
    result.completeExceptionally(
        new WorkerException(interruption.reason().orElse(defaultKind), message));
  }
}
