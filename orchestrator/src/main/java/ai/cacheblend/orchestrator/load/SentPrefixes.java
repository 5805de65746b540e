package ai.cacheblend.orchestrator.load;

import com.google.common.primitives.ImmutableIntArray;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The beginnings of the prompts that a worker got, in chunks. Like the worker, it forgets the least
 * recently used ones.
 */
final class SentPrefixes {
  private final int capacity;

  /** Hashes of chunk ids, from the first chunk on. */
  private final Map<Long, Boolean> hashes;

  /**
   * Beginnings of prompts.
   *
   * @param capacity beginnings that are remembered
   */
  SentPrefixes(int capacity) {
    this.capacity = capacity;
    this.hashes = new LinkedHashMap<>(16, 0.75f, true);
  }

  void add(ImmutableIntArray chunkIds) {
    long hash = 0;
    for (int i = 0; i < chunkIds.length(); i++) {
      hash = extend(hash, chunkIds.get(i));
      hashes.put(hash, true);
    }
    while (hashes.size() > capacity) {
      hashes.remove(hashes.keySet().iterator().next());
    }
  }

  /** Chunks at the beginning that an earlier prompt has, too. */
  int commonChunks(ImmutableIntArray chunkIds) {
    long hash = 0;
    for (int i = 0; i < chunkIds.length(); i++) {
      hash = extend(hash, chunkIds.get(i));
      if (!hashes.containsKey(hash)) {
        return i;
      }
    }
    return chunkIds.length();
  }

  /** The finalizer of SplitMix64 (Steele et al., 2014). */
  private static long extend(long hash, int chunkId) {
    long mixed = hash + chunkId + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
