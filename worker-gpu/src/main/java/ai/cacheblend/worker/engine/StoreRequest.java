package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Futures;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;
import java.util.function.Supplier;

/**
 * A change of the stored KV. It begins on the scheduler thread and may end on others; steps of
 * other requests run meanwhile.
 */
final class StoreRequest<R> implements Request<R> {
  private final Supplier<CompletableFuture<R>> change;
  private RequestState state = RequestState.WAITING;
  private CompletableFuture<R> running;

  /** Done when the change is; null before the start and after the end. */
  private RunnableFuture<R> pending;

  private R result;

  StoreRequest(Supplier<CompletableFuture<R>> change) {
    this.change = change;
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrivalNanos) {
    running = change.get();
    if (running.isDone()) {
      finish();
      return;
    }
    FutureTask<R> end = new FutureTask<>(running::join);
    pending = end;
    var unused = running.whenComplete((value, failure) -> end.run());
    state = state.to(RequestState.PREFILL);
  }

  @Override
  public Optional<RunnableFuture<?>> pending() {
    return Optional.ofNullable(pending);
  }

  @Override
  public void settle() {
    pending = null;
    finish();
  }

  private void finish() {
    try {
      result = Futures.getDone(running);
    } catch (ExecutionException e) {
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException(e.getCause());
    }
    state = state.to(RequestState.ENDED);
  }

  @Override
  public StepDemand demand() {
    throw new IllegalStateException("a change of the stored KV has no steps");
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    throw new IllegalStateException("a change of the stored KV has no steps");
  }

  @Override
  public void advance(SequenceResult unused) {
    throw new IllegalStateException("a change of the stored KV has no steps");
  }

  @Override
  public R result() {
    return result;
  }

  @Override
  public void close() {}
}
