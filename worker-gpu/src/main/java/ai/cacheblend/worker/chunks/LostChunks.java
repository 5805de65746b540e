package ai.cacheblend.worker.chunks;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;

/** Keys of the latest chunks that a tier had, but could not return. Thread-safe. */
final class LostChunks {
  private static final int MAX_KEYS = 10_000;

  /** The oldest first. */
  private final Set<ChunkKey> keys = new LinkedHashSet<>();

  synchronized void add(ChunkKey key) {
    keys.add(key);
    if (keys.size() > MAX_KEYS) {
      keys.remove(keys.iterator().next());
    }
  }

  synchronized boolean contains(ChunkKey key) {
    return keys.contains(key);
  }

  synchronized void remove(Collection<ChunkKey> chunks) {
    chunks.forEach(keys::remove);
  }

  synchronized void clear() {
    keys.clear();
  }
}
