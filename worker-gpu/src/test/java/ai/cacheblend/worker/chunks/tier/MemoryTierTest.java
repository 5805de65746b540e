package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.testing.MemoryTier;

class MemoryTierTest extends ChunkTierContract {
  private final MemoryTier memory = new MemoryTier(Runnable::run);

  @Override
  ChunkTier open() {
    return memory;
  }

  @Override
  void cutBehindFirstLayer(ChunkKey key) {
    memory.truncate(key, FORM.layerByteCount());
  }
}
