package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.RowCounts;
import ai.cacheblend.orchestrator.records.Block;
import java.util.List;

/** The work of an arm as the worker counted it. */
final class ChargedBudget {
  private ChargedBudget() {}

  /** The mean over valid blocks; at least one. */
  static double mean(List<? extends Block> valid, NamedArm arm, int layerCount) {
    return valid.stream()
        .map(block -> block.armRun(arm.name()).answer().orElseThrow().rows())
        .mapToDouble(rows -> of(arm.arm(), rows, layerCount))
        .average()
        .orElseThrow();
  }

  /** Prefix caching reads no chunks: its share is that of the rows of the prompt. */
  private static double of(Arm arm, RowCounts rows, int layerCount) {
    return arm instanceof Arm.PrefixCaching
        ? (double) rows.computedTokenCount() / rows.promptTokenCount()
        : rows.chargedBudget(layerCount);
  }
}
