package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvLoad;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceResult;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Set;

/** Chunk leases, KV sequence and row plan of one prompt that runs. */
final class PromptRun implements AutoCloseable {
  private final Prompt prompt;
  private final PromptChunks chunks;
  private final KvSequence sequence;
  private final RowPlan plan;
  private final RowSelection keepAll;
  private final RowSelection selection;

  private PromptRun(
      Resources resources, Prompt prompt, RowPlan plan, PromptChunks chunks, KvSequence sequence) {
    this.prompt = prompt;
    this.plan = plan;
    this.chunks = chunks;
    this.sequence = sequence;
    this.keepAll = resources.keepAll();
    this.selection =
        new RowSelection(
            keepAll.checkLayers(), plan.keepCounts(), plan.tensor() == Selector.Tensor.KEY);
  }

  /** Leases the chunks, then reserves KV memory for the prompt and its new tokens. */
  static PromptRun open(
      Resources resources, Prompt prompt, Arm arm, ChunkStore.Use use, int maxNewTokens) {
    PromptChunks chunks = resources.lease(prompt, arm, use);
    KvSequence sequence = null;
    try {
      int promptTokenCount = Math.toIntExact(prompt.tokenCount());
      sequence = resources.pool().reserve(promptTokenCount + maxNewTokens);
      chunks.injectInto(sequence);
      RowPlan plan = resources.planner().plan(prompt.layout(), arm);
      return new PromptRun(resources, prompt, plan, chunks, sequence);
    } catch (Throwable t) {
      if (sequence != null) {
        sequence.close();
      }
      chunks.close();
      throw t;
    }
  }

  SequenceStep prefill(Set<StepOutput> outputs) {
    return new SequenceStep(
        sequence.handle(),
        plan.chosenPositions().map(prompt::tokenIds).orElseGet(prompt::tokenIds),
        plan.chosenPositions()
            .<Positions>map(Positions.Listed::new)
            .orElseGet(() -> Positions.upTo(plan.promptRowCount())),
        selection,
        outputs);
  }

  /** The step that computes the token after this one. */
  SequenceStep decode(int tokenId, int position, Set<StepOutput> outputs) {
    return new SequenceStep(
        sequence.handle(),
        ImmutableIntArray.of(tokenId),
        Positions.only(position),
        keepAll,
        outputs);
  }

  /** Fails if the prefill kept other rows than planned. */
  void verify(SequenceResult prefill, Set<StepOutput> outputs) {
    verify(sequence.activeRowCount());
    if (outputs.contains(StepOutput.ACTIVE_POSITIONS)) {
      verify(prefill.activePositions().length());
    }
  }

  private void verify(long activeRowCount) {
    if (activeRowCount != plan.lastRowCount()) {
      throw new ModelFailureException(
          String.format(
              "%d rows are active in the last layer; the row plan has %d",
              activeRowCount, plan.lastRowCount()));
    }
  }

  RowPlan plan() {
    return plan;
  }

  PromptChunks chunks() {
    return chunks;
  }

  int promptTokenCount() {
    return plan.promptRowCount();
  }

  RowCounts rowCounts() {
    return new RowCounts(
        plan.promptRowCount(),
        plan.promptRowCount() - plan.lastRowCount(),
        plan.lastRowCount() - plan.forcedRowCount(),
        plan.forcedRowCount());
  }

  KvLoad kvLoad() {
    return sequence.kvLoad();
  }

  @Override
  public void close() {
    try {
      sequence.close();
    } finally {
      chunks.close();
    }
  }
}
