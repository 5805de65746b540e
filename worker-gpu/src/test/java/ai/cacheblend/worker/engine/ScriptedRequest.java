package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.util.concurrent.Futures;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.function.Supplier;

/**
 * A request of a prefill and a number of decoding steps, with memory from a common stock. Its
 * result is the number of its steps. It can fail at a chosen call, or be cancelled.
 */
final class ScriptedRequest implements Request<Integer>, Interruption {
  /** Free memory. */
  static final class Stock {
    int free;

    Stock(int free) {
      this.free = free;
    }
  }

  private final long handle;
  private final StepDemand prefill;
  private final int decodeCount;
  private Stock stock = new Stock(Integer.MAX_VALUE);
  private int needed;
  private int neededAfterPrefill;
  private int held;

  private RequestState state = RequestState.WAITING;
  private boolean prepared;
  private int prefilled;
  private int decoded;
  private int stepCount;
  private String failingCall = "";
  private FailureKind interruption;
  private boolean paused;
  private Supplier<RunnableFuture<?>> tokens = () -> null;
  private RunnableFuture<?> pending;
  private boolean stepsAhead;
  private int unknownCount;
  private int stopAt = Integer.MAX_VALUE;

  ScriptedRequest(long handle, StepDemand prefill, int decodeCount) {
    this.handle = handle;
    this.prefill = prefill;
    this.decodeCount = decodeCount;
  }

  static ScriptedRequest divisible(long handle, int rows, int decodeCount) {
    return new ScriptedRequest(handle, StepDemand.divisible(rows), decodeCount);
  }

  /** With memory for the prefill, and more for what follows. */
  ScriptedRequest needs(Stock common, int forPrefill, int more) {
    stock = common;
    needed = forPrefill;
    neededAfterPrefill = more;
    return this;
  }

  ScriptedRequest failsIn(String call) {
    failingCall = call;
    return this;
  }

  /** Decoding steps do not need the results of earlier ones. */
  ScriptedRequest decodesAhead() {
    stepsAhead = true;
    return this;
  }

  /** Ends the request at this decoded token. The batch does not know that in advance. */
  ScriptedRequest stopsAt(int decoded) {
    stopAt = decoded;
    return this;
  }

  /** Each step leaves work of the supplier. */
  ScriptedRequest choosesTokensBy(Supplier<RunnableFuture<?>> work) {
    tokens = work;
    return this;
  }

  void interrupt(FailureKind reason) {
    interruption = reason;
  }

  void pause(boolean pausing) {
    paused = pausing;
  }

  @Override
  public boolean paused() {
    failIf("paused");
    return paused || (unknownCount > 0 && decoded + unknownCount >= decodeCount);
  }

  @Override
  public boolean stepsAhead() {
    return stepsAhead && state == RequestState.DECODING;
  }

  int decoded() {
    return decoded;
  }

  int held() {
    return held;
  }

  @Override
  public Optional<FailureKind> reason() {
    return Optional.ofNullable(interruption);
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrivalNanos) {
    failIf("start");
    take(needed);
    state = state.to(RequestState.PREFILL);
    prepared = true;
  }

  @Override
  public boolean prepared() {
    return prepared;
  }

  @Override
  public void prepare() {
    take(neededAfterPrefill);
    prepared = true;
  }

  private void take(int amount) {
    if (amount > stock.free) {
      throw new KvExhaustedException(amount + " needed, " + stock.free + " free");
    }
    stock.free -= amount;
    held += amount;
  }

  @Override
  public StepDemand demand() {
    if (state == RequestState.DECODING) {
      return StepDemand.DECODE;
    }
    return prefill.kind() == StepDemand.Kind.DIVISIBLE
        ? StepDemand.divisible(prefill.rowCount() - prefilled)
        : prefill;
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    failIf("nextStep");
    int first = prefilled;
    prefilled += rowCount;
    if (state == RequestState.DECODING) {
      unknownCount++;
    }
    return new SequenceStep(
        handle,
        ImmutableIntArray.copyOf(Collections.nCopies(rowCount, 1)),
        new Positions.Range(first, prefilled),
        RowSelection.keepAll(List.of(1)),
        Set.of());
  }

  @Override
  public void advance(SequenceResult result) {
    failIf("advance");
    stepCount++;
    if (prefilled < prefill.rowCount()) {
      state = state.to(RequestState.PREFILL);
      return;
    }
    pending = tokens.get();
    if (pending == null) {
      takeToken();
    }
  }

  @Override
  public Optional<RunnableFuture<?>> pending() {
    return Optional.ofNullable(pending);
  }

  @Override
  public void settle() {
    RunnableFuture<?> done = pending;
    pending = null;
    try {
      Futures.getDone(done);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
    takeToken();
  }

  private void takeToken() {
    if (state == RequestState.PREFILL && neededAfterPrefill > 0) {
      prepared = false;
    }
    if (state == RequestState.DECODING) {
      decoded++;
      unknownCount--;
    }
    state =
        state.to(
            decoded == Math.min(decodeCount, stopAt) ? RequestState.ENDED : RequestState.DECODING);
  }

  private void failIf(String call) {
    if (failingCall.equals(call)) {
      throw new IllegalStateException(call + " failed");
    }
  }

  @Override
  public Integer result() {
    return stepCount;
  }

  @Override
  public void close() {
    stock.free += held;
    held = 0;
  }
}
