package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.PromptShape;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * The prompt of a request.
 *
 * @param chunkIds one per cached segment, in prompt order; equal for equal chunks
 * @param maxNewTokens tokens of the answer
 */
record LoadPrompt(List<PromptSegment> segments, ImmutableIntArray chunkIds, int maxNewTokens) {
  LoadPrompt {
    segments = List.copyOf(segments);
    long cached = segments.stream().filter(PromptSegment::cached).count();
    if (cached != chunkIds.length()) {
      throw new IllegalArgumentException(
          "chunkIds has " + chunkIds.length() + " ids, the prompt " + cached + " chunks");
    }
  }

  PromptShape shape() {
    return PromptSegment.shapeOf(segments);
  }

  List<ImmutableIntArray> chunks() {
    return PromptSegment.chunksOf(segments);
  }
}
