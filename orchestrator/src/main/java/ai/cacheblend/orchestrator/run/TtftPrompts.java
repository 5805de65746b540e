package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.records.Phase;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Cuts prompts of exact lengths from running text. No chunk occurs in two prompts, so a trial
 * cannot reuse the chunks of another.
 */
final class TtftPrompts {
  private static final int MAX_PASSAGES_PER_PROMPT = 64;

  /** Running text as token ids. */
  interface Passages {
    /** {@code tokenCount} ids of text that was not returned before. */
    ImmutableIntArray next(int tokenCount);
  }

  private final TtftPlan plan;
  private final OptionalInt bosTokenId;
  private final Passages passages;
  private final Set<ImmutableIntArray> usedChunks = new HashSet<>();

  TtftPrompts(TtftPlan plan, OptionalInt bosTokenId, Passages passages) {
    this.plan = plan;
    this.bosTokenId = bosTokenId;
    this.passages = passages;
  }

  /** The next prompt, from text that no earlier prompt has. */
  TtftPrompt next(Phase phase, int length, int trial) {
    for (int attempt = 0; attempt < MAX_PASSAGES_PER_PROMPT; attempt++) {
      List<PromptSegment> segments = cut(length);
      List<ImmutableIntArray> chunks = PromptSegment.chunksOf(segments);
      Set<ImmutableIntArray> distinct = new HashSet<>(chunks);
      if (distinct.size() == chunks.size() && distinct.stream().noneMatch(usedChunks::contains)) {
        usedChunks.addAll(distinct);
        return new TtftPrompt(phase, length, trial, segments);
      }
    }
    throw new PlanException(
        "chunk-tokens is "
            + plan.chunkTokens()
            + ": the text has too few different chunks for all trials; use longer chunks or fewer"
            + " trials");
  }

  private List<PromptSegment> cut(int length) {
    int bosCount = bosTokenId.isPresent() ? 1 : 0;
    int suffixCount = plan.suffix().tokenCount(length);
    ImmutableIntArray ids = passages.next(length - bosCount);
    int contextEnd = ids.length() - suffixCount;
    List<PromptSegment> segments = new ArrayList<>();
    bosTokenId.ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    for (int from = 0; from < contextEnd; from += plan.chunkTokens()) {
      int to = Math.min(contextEnd, from + plan.chunkTokens());
      segments.add(new PromptSegment(ids.subArray(from, to), true));
    }
    segments.add(new PromptSegment(ids.subArray(contextEnd, ids.length()), false));
    return segments;
  }
}
