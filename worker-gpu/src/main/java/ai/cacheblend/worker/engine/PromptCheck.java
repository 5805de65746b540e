package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkStore;
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
  private PromptRun prompt;
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
    prompt = PromptRun.open(resources, command.prompt(), command.arm(), ChunkStore.Use.CHECK, 0);
    state = state.to(RequestState.PREFILL);
  }

  @Override
  public StepDemand demand() {
    return prompt.demand();
  }

  @Override
  public SequenceStep nextStep(int rowCount) {
    return prompt.prefill(rowCount, OUTPUTS);
  }

  @Override
  public void advance(SequenceResult step) {
    Optional<SequenceResult> prefill = prompt.prefilled(step, OUTPUTS);
    result = prefill.map(this::result).orElse(null);
    state = state.to(prefill.isPresent() ? RequestState.ENDED : RequestState.PREFILL);
  }

  private CheckResult result(SequenceResult prefill) {
    return new CheckResult(
        prompt.chunks().descriptions(),
        prompt.promptTokenCount(),
        prompt.plan().eligibleRowCount(),
        prefill.layerScores(),
        prefill.attention(),
        prefill.activePositions(),
        prompt.rowCounts());
  }

  @Override
  public CheckResult result() {
    return result;
  }

  @Override
  public void close() {
    if (prompt != null) {
      prompt.close();
      prompt = null;
    }
  }
}
