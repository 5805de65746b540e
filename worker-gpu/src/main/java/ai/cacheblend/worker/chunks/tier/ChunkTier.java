package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * Storage of chunks behind host memory, for example a folder or a server. A tier keeps chunks
 * within a budget of its own and evicts by a policy of its own.
 *
 * <p>An entry that cannot be used is a miss: absent, short, corrupt, of another model, or slower
 * than the tier's time limit. The tier counts it, logs it, and removes a corrupt one. No method
 * throws because of the state of the storage, and no future completes exceptionally. Thread-safe.
 */
public interface ChunkTier extends AutoCloseable {
  TierKind kind();

  /**
   * Whether the tier has an entry for the chunk, without reading it. Waits for a short time at most
   * where this needs a message to another machine; false after it.
   */
  boolean contains(ChunkKey key);

  /**
   * Reads a chunk into memory of the caller, in ascending order of layers. Does not block.
   *
   * <p>When the future completes, the tier no longer uses the memory. The future is true if all
   * layers have arrived; layers that were not reported hold undefined bytes.
   *
   * @param into its form is what the entry must have; an entry of another form is corrupt
   * @param layerRead receives each layer once its bytes were verified, on a thread of the tier;
   *     must not block
   */
  CompletableFuture<Boolean> read(ChunkKey key, HostKv into, IntConsumer layerRead);

  /**
   * Stores a chunk. Does not block. An entry with this key is kept: equal keys hold equal KV. No
   * reader, of this process or another, sees a part of an entry.
   *
   * <p>When the future completes, the tier no longer uses the memory. The future is true if the
   * entry is stored: it can be false where the storage is full, gone or too slow.
   */
  CompletableFuture<Boolean> write(ChunkKey key, HostKv from);

  /** Removes an entry. Returns when no later look-up of this process finds it. */
  void remove(ChunkKey key);

  /** Removes all entries of this worker's model and encoding. */
  void removeAll();

  TierStatistics statistics();

  /** Waits for the reads and writes that run; later ones fail. */
  @Override
  void close();
}
