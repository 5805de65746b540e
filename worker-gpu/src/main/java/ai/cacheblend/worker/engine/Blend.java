package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.chunks.KvMemory;
import ai.cacheblend.worker.model.ActiveRows;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.StepInput;
import ai.cacheblend.worker.model.StepOutput;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** The first step of a prompt, as its plan says. */
final class Blend {
  private final ModelRunner runner;

  Blend(ModelRunner runner) {
    this.runner = runner;
  }

  StepOutput run(
      Prompt prompt,
      Arm arm,
      RowPlan plan,
      KvMemory.Sequence sequence,
      boolean wantsLogits,
      boolean wantsScores,
      boolean wantsPositions) {
    StepOutput output =
        runner.run(
            new StepInput(
                sequence.handle(),
                select(prompt.tokenIds(), plan.firstPositions()),
                plan.firstPositions(),
                plan.keepCounts(),
                plan.tensor() == Selector.Tensor.KEY,
                wantsLogits,
                wantsPositions ? ActiveRows.POSITIONS : ActiveRows.COUNT,
                wantsScores ? scheduledLayers(arm) : List.of()));
    int activeRowCount = output.activeRowCount().orElseThrow();
    if (activeRowCount != plan.lastRowCount()) {
      throw new ModelFailureException(
          String.format(
              "%d rows stayed active to the last layer; the plan says %d",
              activeRowCount, plan.lastRowCount()));
    }
    return output;
  }

  static RowCounts rowCounts(RowPlan plan) {
    int promptTokenCount = plan.forcedRowCount() + plan.eligibleRowCount();
    return new RowCounts(
        promptTokenCount,
        promptTokenCount - plan.lastRowCount(),
        plan.lastRowCount() - plan.forcedRowCount(),
        plan.forcedRowCount());
  }

  private static List<Integer> scheduledLayers(Arm arm) {
    return arm instanceof Arm.CacheBlend blend
            && blend.selector() instanceof Selector.Deviation deviation
        ? deviation.schedule().stream().map(Selector.CheckStep::layer).toList()
        : List.of();
  }

  private static ImmutableIntArray select(ImmutableIntArray values, ImmutableIntArray indexes) {
    if (values.length() == indexes.length()) {
      return values;
    }
    ImmutableIntArray.Builder selected = ImmutableIntArray.builder(indexes.length());
    for (int i = 0; i < indexes.length(); i++) {
      selected.add(values.get(indexes.get(i)));
    }
    return selected.build();
  }
}
