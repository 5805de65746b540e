package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.List;

/** Hash of a prompt that assigns prompts with common chunks to the same worker. */
final class ContentHash {
  private ContentHash() {}

  /**
   * The smallest hash of the chunks (MinHash): the probability that it is equal for two prompts is
   * the share of their common chunks. It does not depend on the order of chunks. The first of
   * several chunks is ignored, because all prompts of a data set begin with the same instruction.
   */
  static HashCode ofChunks(List<PromptSegment> segments) {
    List<ImmutableIntArray> chunks = PromptSegment.chunksOf(segments);
    return chunks.stream()
        .skip(chunks.size() > 1 ? 1 : 0)
        .map(ContentHash::ofChunk)
        .min(Comparator.comparingLong(HashCode::asLong))
        .orElseGet(() -> ofChunk(ImmutableIntArray.of()));
  }

  private static HashCode ofChunk(ImmutableIntArray chunk) {
    Hasher hasher = Hashing.murmur3_128().newHasher().putInt(chunk.length());
    chunk.forEach(hasher::putInt);
    return hasher.hash();
  }
}
