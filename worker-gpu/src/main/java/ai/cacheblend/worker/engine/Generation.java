package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.LayerWork;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.base.Throwables;
import com.google.common.collect.Sets;
import com.google.common.util.concurrent.Futures;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableFuture;

/** Answers one prompt: prefill steps, then one step per further token. */
final class Generation implements Request<GenerateResult> {
  private final Resources resources;
  private final GenerateCommand command;
  private final TokenSink sink;
  private final Answer answer;
  private final Set<StepOutput> prefillOutputs;
  private final Set<StepOutput> decodeOutputs;

  private RequestState state = RequestState.WAITING;
  private PromptPrefill promptPrefill;

  /** Null until the prefill has ended. */
  private PromptRun prompt;

  private SequenceResult prefill;

  /** Whether a step of the prefill had rows of other requests. */
  private boolean shared;

  /** Chooses the token of the last step from its logits; null otherwise. */
  private RunnableFuture<NewToken> pending;

  /** The newest token and its position. */
  private int tokenId;

  private int position;

  /** Decoding steps that were launched and whose tokens are not known. */
  private int unknownTokenCount;

  private long arrivalNanos;
  private long scheduledNanos;
  private long logitsNanos;
  private long firstTokenNanos;
  private long lastTokenNanos;
  private GenerateResult result;

  Generation(Resources resources, GenerateCommand command, TokenSink sink) {
    this.resources = resources;
    this.command = command;
    this.sink = sink;
    this.answer = new Answer(command, resources.model(), resources.codec());
    this.decodeOutputs = answer.needsLogits() ? Set.of(StepOutput.LOGITS) : Set.of();
    this.prefillOutputs = Sets.immutableEnumSet(prefillOutputs(command.returnOptions()));
  }

  private Set<StepOutput> prefillOutputs(ReturnOptions options) {
    Set<StepOutput> outputs = EnumSet.noneOf(StepOutput.class);
    outputs.addAll(decodeOutputs);
    if (options.firstTopLogitCount() > 0) {
      outputs.add(StepOutput.LOGITS);
    }
    if (options.activePositions()) {
      outputs.add(StepOutput.ACTIVE_POSITIONS);
    }
    if (options.layerScores()) {
      outputs.add(StepOutput.LAYER_SCORES);
      outputs.add(StepOutput.ATTENTION);
    }
    return outputs;
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrival) {
    arrivalNanos = arrival;
    scheduledNanos = resources.ticker().read();
    promptPrefill =
        new PromptPrefill(
            resources,
            command.prompt(),
            command.arm(),
            ChunkStore.Use.GENERATE,
            command.maxNewTokens(),
            command.loads());
    promptPrefill.prepare();
    state = state.to(RequestState.PREFILL);
  }

  @Override
  public boolean prepared() {
    return state != RequestState.WAITING && promptPrefill.prepared();
  }

  @Override
  public void prepare() {
    promptPrefill.prepare();
  }

  @Override
  public boolean stepsAhead() {
    return state == RequestState.DECODING && !answer.needsLogits();
  }

  @Override
  public boolean paused() {
    return state == RequestState.DECODING && (!sink.ready() || lastTokenIsComputed());
  }

  private boolean lastTokenIsComputed() {
    return unknownTokenCount > 0
        && answer.tokenCount() + unknownTokenCount >= command.maxNewTokens();
  }

  @Override
  public StepDemand demand() {
    return state == RequestState.PREFILL ? promptPrefill.demand() : StepDemand.DECODE;
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    if (state == RequestState.PREFILL) {
      return promptPrefill.nextStep(rowCount, prefillOutputs);
    }
    int newest = unknownTokenCount == 0 ? tokenId : SequenceStep.LAST_TOKEN;
    return prompt.decode(newest, position + unknownTokenCount++, decodeOutputs);
  }

  @Override
  public void stepShared() {
    shared |= state == RequestState.PREFILL;
  }

  @Override
  public void advance(SequenceResult step) {
    if (state == RequestState.DECODING) {
      unknownTokenCount--;
    } else {
      Optional<SequenceResult> prefilled = promptPrefill.advance(step, prefillOutputs);
      if (prefilled.isEmpty()) {
        state = state.to(RequestState.PREFILL);
        return;
      }
      prompt = promptPrefill.run();
      prefill = prefilled.get();
      logitsNanos = resources.ticker().read();
    }
    if (answer.needsLogits()) {
      // Takes a time that grows with the vocabulary.
      pending = new FutureTask<>(() -> answer.next(step));
    } else {
      // The step has chosen the token. Decoding of its text does not count as time to it.
      long chosenNanos = resources.ticker().read();
      add(answer.next(step), chosenNanos);
    }
  }

  @Override
  public Optional<RunnableFuture<?>> pending() {
    return Optional.ofNullable(pending);
  }

  @Override
  public void settle() {
    RunnableFuture<NewToken> done = pending;
    pending = null;
    try {
      add(Futures.getDone(done), resources.ticker().read());
    } catch (ExecutionException e) {
      Throwables.throwIfUnchecked(e.getCause());
      throw new IllegalStateException(e.getCause());
    }
  }

  private void add(NewToken token, long chosenNanos) {
    lastTokenNanos = chosenNanos;
    tokenId = token.tokenId();
    if (state == RequestState.PREFILL) {
      position = prompt.promptTokenCount();
      firstTokenNanos = lastTokenNanos;
    } else {
      position++;
    }
    sink.accept(token);
    if (state == RequestState.PREFILL) {
      learn();
      prompt.publish();
    }
    if (answer.reason().isPresent()) {
      result = finish();
      state = state.to(RequestState.ENDED);
    } else {
      state = state.to(RequestState.DECODING);
    }
  }

  /**
   * Compares the TTFT with a prediction, and learns from a prefill that has shared no step and has
   * repeated none. After the first token, which does not wait for this (0.02 to 0.3 ms).
   */
  private void learn() {
    List<LayerWork> work = prompt.forecast().work();
    prompt.forecast().predict(work);
    if (!shared && !promptPrefill.repeated()) {
      // KV from the device is injected within the step on the CPU: part of its compute.
      long waitNanos = prompt.chunks().loadNanos() > 0 ? prompt.kvLoad().waitNanos() : 0;
      resources.controller().observe(work, firstTokenNanos - scheduledNanos - waitNanos);
    }
  }

  private GenerateResult finish() {
    String heldText = answer.finish();
    int topLogitCount = command.returnOptions().firstTopLogitCount();
    return new GenerateResult(
        answer.reason().orElseThrow(),
        heldText,
        prompt.rowCounts(),
        prompt.chunks().rowCounts(),
        prompt.loadReport(),
        new Durations(
            scheduledNanos - arrivalNanos,
            prompt.kvLoad(),
            logitsNanos - scheduledNanos,
            firstTokenNanos - logitsNanos,
            lastTokenNanos - firstTokenNanos),
        answer.tokenCount(),
        topLogitCount > 0 ? TopTokens.of(Answer.logits(prefill), topLogitCount, 0) : List.of(),
        prefill.activePositions(),
        prefill.layerScores(),
        prefill.attention());
  }

  @Override
  public GenerateResult result() {
    return result;
  }

  @Override
  public void close() {
    if (promptPrefill != null) {
      promptPrefill.close();
      promptPrefill = null;
    }
  }
}
