package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.PromptShape;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * A part of a prompt, as token ids.
 *
 * @param cached whether it is a chunk whose KV may be reused
 */
public record PromptSegment(ImmutableIntArray tokenIds, boolean cached) {
  public PromptSegment {
    tokenIds = tokenIds.trimmed();
    if (tokenIds.isEmpty()) {
      throw new IllegalArgumentException("segment has no token ids; use 1 or more");
    }
  }

  /** The lengths of {@code segments}. */
  public static PromptShape shapeOf(List<PromptSegment> segments) {
    return new PromptShape(
        segments.stream().map(s -> new PromptShape.Part(s.tokenIds.length(), s.cached)).toList());
  }

  /** The cached ones, in prompt order. */
  public static List<ImmutableIntArray> chunksOf(List<PromptSegment> segments) {
    return segments.stream().filter(PromptSegment::cached).map(PromptSegment::tokenIds).toList();
  }
}
