package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.RowPlan;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelRunner;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.StepInput;
import ai.cacheblend.worker.model.StepOutput;
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
      KvSequence sequence,
      boolean wantsLogits,
      boolean wantsScores,
      boolean wantsPositions) {
    StepOutput output =
        runner.run(
            new StepInput(
                sequence.handle(),
                plan.chosenPositions().map(prompt::tokenIds).orElseGet(prompt::tokenIds),
                plan.chosenPositions()
                    .<Positions>map(Positions.Listed::new)
                    .orElseGet(() -> Positions.upTo(plan.promptRowCount())),
                plan.keepCounts(),
                plan.tensor() == Selector.Tensor.KEY,
                wantsLogits,
                wantsPositions,
                wantsScores ? scheduledLayers(arm) : List.of()));
    check(plan, sequence.activeRowCount());
    if (wantsPositions) {
      check(plan, output.activePositions().length());
    }
    return output;
  }

  private static void check(RowPlan plan, long activeRowCount) {
    if (activeRowCount != plan.lastRowCount()) {
      throw new ModelFailureException(
          String.format(
              "%d rows stayed active to the last layer; the plan says %d",
              activeRowCount, plan.lastRowCount()));
    }
  }

  static RowCounts rowCounts(RowPlan plan) {
    return new RowCounts(
        plan.promptRowCount(),
        plan.promptRowCount() - plan.lastRowCount(),
        plan.lastRowCount() - plan.forcedRowCount(),
        plan.forcedRowCount());
  }

  private static List<Integer> scheduledLayers(Arm arm) {
    return arm instanceof Arm.CacheBlend blend
            && blend.selector() instanceof Selector.Deviation deviation
        ? deviation.schedule().stream().map(Selector.CheckStep::layer).toList()
        : List.of();
  }
}
