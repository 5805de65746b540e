package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import java.util.function.Supplier;

/** A change of the stored KV, which ends when it starts. */
final class StoreRequest<R> implements Request<R> {
  private final Supplier<R> change;
  private RequestState state = RequestState.WAITING;
  private R result;

  StoreRequest(Supplier<R> change) {
    this.change = change;
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrivalNanos) {
    result = change.get();
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
