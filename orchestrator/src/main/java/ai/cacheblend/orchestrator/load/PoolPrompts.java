package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Prompts of chunks from a pool, by popularity and in random order, and a fresh suffix. In a
 * drifting pool the newest chunk is the most popular one.
 */
final class PoolPrompts implements PromptSource {
  private final LoadWorkload.Pool pool;
  private final TokenText text;
  private final OptionalInt bosTokenId;
  private final int maxNewTokens;
  private final ZipfRanks ranks;

  PoolPrompts(LoadWorkload.Pool pool, TokenText text, OptionalInt bosTokenId, int maxNewTokens) {
    this.pool = pool;
    this.text = text;
    this.bosTokenId = bosTokenId;
    this.maxNewTokens = maxNewTokens;
    this.ranks = new ZipfRanks(pool.poolChunks(), pool.popularity());
  }

  /** Tokens of text that the chunks of this many requests are cut from. */
  static long textTokens(LoadWorkload.Pool pool, int requests) {
    long chunks = pool.poolChunks() + (long) pool.newChunks() * requests + 1;
    return chunks * pool.chunkTokens();
  }

  @Override
  public Supplier<LoadPrompt> prompts(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    AtomicInteger requests = new AtomicInteger();
    return () -> prompt(random, requests.getAndIncrement());
  }

  private LoadPrompt prompt(SplittableRandom random, int request) {
    int[] ids = ranks.draw(pool.chunks(), random);
    shuffle(ids, random);
    if (pool.newChunks() > 0) {
      int newest = Math.multiplyExact(pool.newChunks(), request) + pool.poolChunks() - 1;
      Arrays.setAll(ids, i -> newest - ids[i]);
    }
    List<PromptSegment> segments = new ArrayList<>();
    bosTokenId.ifPresent(bos -> segments.add(new PromptSegment(ImmutableIntArray.of(bos), false)));
    for (int id : ids) {
      segments.add(new PromptSegment(text.chunk(id, pool.chunkTokens()), true));
    }
    segments.add(
        new PromptSegment(text.at(random.nextInt(text.length()), pool.suffixTokens()), false));
    return new LoadPrompt(segments, ImmutableIntArray.copyOf(ids), maxNewTokens);
  }

  /** Popular chunks are drawn early; without this they would stand in front. */
  private static void shuffle(int[] ids, SplittableRandom random) {
    for (int last = ids.length - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      int swapped = ids[last];
      ids[last] = ids[other];
      ids[other] = swapped;
    }
  }

  @Override
  public List<ImmutableIntArray> pool() {
    return IntStream.range(0, pool.poolChunks())
        .mapToObj(id -> text.chunk(id, pool.chunkTokens()))
        .toList();
  }
}
