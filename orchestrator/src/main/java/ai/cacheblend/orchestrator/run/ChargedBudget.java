package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.GenerateResult;
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
    return valid.stream().mapToDouble(block -> of(block, arm, layerCount)).average().orElseThrow();
  }

  /** Prefix caching reads no chunks: its share is that of the rows of the prompt. */
  private static double of(Block block, NamedArm arm, int layerCount) {
    GenerateResult answer = block.armRun(arm.name()).answer().orElseThrow();
    RowCounts rows = answer.rows();
    if (arm.arm() instanceof Arm.PrefixCaching) {
      return (double) rows.computedTokenCount() / rows.promptTokenCount();
    }
    return rows.chargedBudget(
        layerCount, answer.load().recomputedSegments().isEmpty() ? 0 : instead(block, rows));
  }

  /**
   * Rows of chunks that the worker computed instead of loading. Only TTFT runs let it do so, whose
   * prompts have distinct chunks, and end with rows that are not cached.
   */
  private static int instead(Block block, RowCounts rows) {
    return block.collect().orElseThrow().tokenCount()
        - rows.reusedTokenCount()
        - rows.recomputedTokenCount();
  }
}
