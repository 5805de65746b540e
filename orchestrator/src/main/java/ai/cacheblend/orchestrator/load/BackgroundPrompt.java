package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.Background;
import ai.cacheblend.orchestrator.plan.Defaults;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The prompt of a background client: chunks of text and a suffix. */
final class BackgroundPrompt {
  private BackgroundPrompt() {}

  static LoadPrompt of(Background background, TokenText text, OptionalInt bosTokenId) {
    List<PromptSegment> segments = new ArrayList<>();
    bosTokenId.ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    // Ids of pool chunks are 0 or more.
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    int left = background.tokens() - segments.size() - Defaults.SUFFIX_TOKENS;
    for (int position = 0; position < left; position += Defaults.CHUNK_TOKENS) {
      int count = Math.min(Defaults.CHUNK_TOKENS, left - position);
      segments.add(new PromptSegment(text.at(position, count), true));
      ids.add(-1 - position);
    }
    segments.add(new PromptSegment(text.at(left, Defaults.SUFFIX_TOKENS), false));
    return new LoadPrompt(segments, ids.build(), 1);
  }
}
