package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Comparator;
import java.util.List;

/** Where a prompt's chunks belong, as a hash. */
final class ContentHash {
  private ContentHash() {}

  /**
   * The least of the chunks' hashes: prompts get the same one with the probability that a chunk of
   * theirs is common to both (MinHash), in whatever order they hold it. The first of several chunks
   * is passed over, since in a data set every prompt begins with the same instruction.
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
