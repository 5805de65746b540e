package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.PromptSegment;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** The prompts of a data set: all of them in random order, again and again. */
final class DatasetPrompts implements PromptSource {
  private final List<LoadPrompt> all = new ArrayList<>();

  /** Numbers from 0, by first use. */
  private final Map<ImmutableIntArray, Integer> chunkIds = new LinkedHashMap<>();

  /**
   * The prompts.
   *
   * @param prompts their segments
   */
  DatasetPrompts(List<List<PromptSegment>> prompts, int maxNewTokens) {
    for (List<PromptSegment> segments : prompts) {
      ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
      for (ImmutableIntArray chunk : PromptSegment.chunksOf(segments)) {
        chunkIds.putIfAbsent(chunk, chunkIds.size());
        ids.add(chunkIds.get(chunk));
      }
      all.add(new LoadPrompt(segments, ids.build(), maxNewTokens));
    }
  }

  @Override
  public Supplier<LoadPrompt> prompts(long seed) {
    Random random = new Random(seed);
    List<LoadPrompt> order = new ArrayList<>(all);
    int[] next = {0};
    return () -> {
      if (next[0] % order.size() == 0) {
        Collections.shuffle(order, random);
      }
      return order.get(next[0]++ % order.size());
    };
  }

  @Override
  public List<ImmutableIntArray> pool() {
    return List.copyOf(chunkIds.keySet());
  }
}
