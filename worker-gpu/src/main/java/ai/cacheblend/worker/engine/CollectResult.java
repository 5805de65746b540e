package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkKey;
import java.util.List;

/** One entry per chunk of the request, in order. */
public record CollectResult(List<Chunk> chunks, long queueNanos) {
  /** A stored chunk; computeNanos is 0 for a hit. */
  public record Chunk(
      ChunkKey key, int tokenCount, long byteCount, boolean hit, long computeNanos) {}

  public CollectResult {
    chunks = List.copyOf(chunks);
  }
}
