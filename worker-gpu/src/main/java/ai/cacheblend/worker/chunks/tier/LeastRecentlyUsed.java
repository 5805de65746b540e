package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import java.util.LinkedHashSet;
import java.util.Set;

/** Evicts the chunk first whose last use is longest ago. */
final class LeastRecentlyUsed implements EvictionPolicy {
  private final Set<ChunkKey> keys = new LinkedHashSet<>();

  @Override
  public void used(ChunkKey key) {
    keys.remove(key);
    keys.add(key);
  }

  @Override
  public void removed(ChunkKey key) {
    keys.remove(key);
  }

  @Override
  public Iterable<ChunkKey> order() {
    return keys;
  }
}
