package ai.cacheblend.orchestrator.plan;

/**
 * Rows of a prompt by the source of their KV.
 *
 * @param promptTokenCount all rows
 * @param reusedTokenCount reused from stored chunks unchanged
 * @param recomputedTokenCount cached rows that were recomputed within the arm's budget
 * @param computedTokenCount forced rows: no cached KV, or the last row; every row of a full prefill
 */
public record RowCounts(
    int promptTokenCount, int reusedTokenCount, int recomputedTokenCount, int computedTokenCount) {

  /** The expected counts of {@code arm} for a prompt of this shape. */
  public static RowCounts expected(Arm arm, PromptShape shape) {
    int prompt = shape.promptTokenCount();
    if (arm instanceof Arm.FullPrefill) {
      return new RowCounts(prompt, 0, 0, prompt);
    }
    int eligible = shape.eligibleRowCount();
    int recomputed =
        arm instanceof Arm.CacheBlend blend ? blend.selector().recomputedRowCount(shape) : 0;
    return new RowCounts(prompt, eligible - recomputed, recomputed, prompt - eligible);
  }
}
