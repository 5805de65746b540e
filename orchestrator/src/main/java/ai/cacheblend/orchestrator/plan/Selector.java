package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;

/** The rule that chooses the cached rows to recompute. */
public sealed interface Selector {

  /** How many cached rows of a prompt the rule chooses. */
  int recomputedRowCount(PromptShape shape);

  /** Layers that the worker's model must be able to check at; empty for rules without. */
  default List<Integer> checkLayers() {
    return List.of();
  }

  /** Which fresh tensor is compared with the cached one. */
  enum Tensor {
    VALUE,
    KEY
  }

  /** Rows whose fresh KV is farthest from the cached KV. */
  record Deviation(Tensor tensor, List<CheckStep> schedule) implements Selector {
    public Deviation {
      schedule = CheckStep.schedule(schedule);
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return Shares.rowsOf(schedule.get(schedule.size() - 1).share(), shape.eligibleRowCount());
    }

    @Override
    public List<Integer> checkLayers() {
      return schedule.stream().map(CheckStep::layer).toList();
    }
  }

  /** The first rows of each chunk, as many per chunk. */
  record ChunkHeadRows(int rowsPerChunk) implements Selector {
    public ChunkHeadRows {
      require(rowsPerChunk >= 1, "chunk-head k is " + rowsPerChunk + "; use 1 or more");
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return shape.eligibleRowsPerChunk().stream()
          .mapToInt(rows -> Math.min(rows, rowsPerChunk))
          .sum();
    }
  }

  /** The first rows of each chunk, a share of all cached rows. */
  record ChunkHeadShare(double recomputeRatio) implements Selector {
    public ChunkHeadShare {
      Shares.check("recompute_ratio", recomputeRatio);
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return Shares.rowsOf(recomputeRatio, shape.eligibleRowCount());
    }
  }

  /** Rows drawn at random: a control that a selector must beat. */
  record RandomRows(double recomputeRatio, long seed) implements Selector {
    public RandomRows {
      Shares.check("recompute_ratio", recomputeRatio);
    }

    @Override
    public int recomputedRowCount(PromptShape shape) {
      return Shares.rowsOf(recomputeRatio, shape.eligibleRowCount());
    }
  }
}
