package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.forecast.LoadOptions;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.StepOutput;
import java.util.Optional;
import java.util.Set;

/** Prefills one prompt to return the scores and the rows of its arm. */
final class PromptCheck implements Request<CheckResult> {
  private static final Set<StepOutput> OUTPUTS =
      Set.of(StepOutput.ACTIVE_POSITIONS, StepOutput.LAYER_SCORES, StepOutput.ATTENTION);

  private final Resources resources;
  private final CheckCommand command;
  private RequestState state = RequestState.WAITING;
  private PromptPrefill prefill;
  private CheckResult result;

  PromptCheck(Resources resources, CheckCommand command) {
    this.resources = resources;
    this.command = command;
  }

  @Override
  public RequestState state() {
    return state;
  }

  @Override
  public void start(long arrivalNanos) {
    prefill =
        new PromptPrefill(
            resources,
            command.prompt(),
            command.arm(),
            ChunkStore.Use.CHECK,
            0,
            LoadOptions.LOAD_ALL);
    prefill.prepare();
    state = state.to(RequestState.PREFILL);
  }

  @Override
  public boolean prepared() {
    return state == RequestState.ENDED || (prefill != null && prefill.prepared());
  }

  @Override
  public void prepare() {
    prefill.prepare();
  }

  @Override
  public StepDemand demand() {
    return prefill.demand();
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    return prefill.nextStep(rowCount, OUTPUTS);
  }

  @Override
  public void advance(SequenceResult step) {
    Optional<SequenceResult> prefilled = prefill.advance(step, OUTPUTS);
    result = prefilled.map(this::result).orElse(null);
    state = state.to(prefilled.isPresent() ? RequestState.ENDED : RequestState.PREFILL);
  }

  private CheckResult result(SequenceResult prefilled) {
    PromptRun prompt = prefill.run();
    return new CheckResult(
        prompt.chunks().descriptions(),
        prompt.promptTokenCount(),
        prompt.plan().eligibleRowCount(),
        prefilled.layerScores(),
        prefilled.attention(),
        prefilled.activePositions(),
        prompt.rowCounts());
  }

  @Override
  public CheckResult result() {
    return result;
  }

  @Override
  public void close() {
    if (prefill != null) {
      prefill.close();
      prefill = null;
    }
  }
}
