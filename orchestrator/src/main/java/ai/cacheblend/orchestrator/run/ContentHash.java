package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** What a prompt would have a worker store, as a hash. */
final class ContentHash {
  private ContentHash() {}

  /** Of the cached segments' token ids, in order. */
  static HashCode ofChunks(List<PromptSegment> segments) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (ImmutableIntArray chunk : PromptSegment.chunksOf(segments)) {
      hasher.putInt(chunk.length());
      chunk.forEach(hasher::putInt);
    }
    return hasher.hash();
  }
}
