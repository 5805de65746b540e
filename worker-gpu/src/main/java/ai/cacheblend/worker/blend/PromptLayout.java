package ai.cacheblend.worker.blend;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Positions of the cached chunks of a prompt, ascending and without overlap. With prefix caching,
 * the shared blocks are its only chunk.
 */
public record PromptLayout(int tokenCount, List<Span> chunks) {
  /** Positions {@code [from, to)}. */
  public record Span(int from, int to) {
    public Span {
      checkArgument(from >= 0 && to > from, "span [%s, %s) is empty or negative", from, to);
    }
  }

  public PromptLayout {
    chunks = List.copyOf(chunks);
    checkArgument(tokenCount >= 1, "tokenCount is %s, must be 1 or more", tokenCount);
    int end = 0;
    for (Span chunk : chunks) {
      checkArgument(
          chunk.from() >= end,
          "chunk at %s overlaps the previous chunk or precedes it",
          chunk.from());
      end = chunk.to();
    }
    checkArgument(
        end <= tokenCount, "chunk ends at %s, past the prompt's %s tokens", end, tokenCount);
  }

  /** Cached rows except the last row of the prompt. */
  int eligibleRowCount() {
    int count = 0;
    for (Span chunk : chunks) {
      count += Math.min(chunk.to(), tokenCount - 1) - chunk.from();
    }
    return count;
  }

  /** Mean position of the cached rows except the last row of the prompt; 0 if there are none. */
  double meanEligiblePosition() {
    double sum = 0;
    for (Span chunk : chunks) {
      sum += sumOfPositions(chunk.from(), Math.min(chunk.to(), tokenCount - 1));
    }
    return sum / Math.max(1, eligibleRowCount());
  }

  /** Of one layer: the rows that every arm computes, each with the keys up to its own. */
  LayerWork forcedWork() {
    int rows = tokenCount - eligibleRowCount();
    double eligiblePositions = meanEligiblePosition() * eligibleRowCount();
    return new LayerWork(rows, sumOfPositions(0, tokenCount) - eligiblePositions + rows);
  }

  private static double sumOfPositions(int from, int to) {
    return (double) (to - from) * (from + to - 1) / 2;
  }

  /** The first position behind the last chunk, or the last row where a chunk ends the prompt. */
  int firstQueryPosition() {
    int behind = chunks.isEmpty() ? 0 : chunks.get(chunks.size() - 1).to();
    return Math.min(behind, tokenCount - 1);
  }

  /** Of a prompt whose first rows have KV before its first step. */
  public static PromptLayout withPrefix(int tokenCount, int prefixTokenCount) {
    return new PromptLayout(
        tokenCount, prefixTokenCount == 0 ? List.of() : List.of(new Span(0, prefixTokenCount)));
  }

  public PromptLayout withoutChunks() {
    return new PromptLayout(tokenCount, List.of());
  }
}
