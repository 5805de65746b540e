package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A request of a given number of steps. Its result is the tokens of its steps. */
class FakeRequest implements Request<List<Integer>> {
  private final long handle;
  private final int stepCount;
  private final List<Integer> tokens = new ArrayList<>();
  private RequestState state = RequestState.WAITING;
  private volatile boolean closed;

  FakeRequest(long handle, int stepCount) {
    this.handle = handle;
    this.stepCount = stepCount;
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrivalNanos) {
    state = state.to(RequestState.PREFILL);
  }

  @Override
  public StepDemand demand() {
    return StepDemand.DECODE;
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    return new SequenceStep(
        handle,
        ImmutableIntArray.of(1),
        Positions.only(tokens.size()),
        RowSelection.keepAll(List.of(1)),
        Set.of());
  }

  @Override
  public void advance(SequenceResult step) {
    tokens.add(step.nextTokenId());
    state = state.to(tokens.size() == stepCount ? RequestState.ENDED : RequestState.DECODING);
  }

  @Override
  public List<Integer> result() {
    return tokens;
  }

  boolean closed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
