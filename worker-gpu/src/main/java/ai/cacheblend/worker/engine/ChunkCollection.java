package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.kv.StoredKv;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.StepInput;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Computes and stores chunks, each on its own behind the BOS token. Runs on the scheduler thread.
 */
final class ChunkCollection {
  private final Resources resources;

  ChunkCollection(Resources resources) {
    this.resources = resources;
  }

  CollectResult run(List<ImmutableIntArray> chunks, Interruption interruption, long queueNanos) {
    List<ChunkStore.Lease> leases = new ArrayList<>();
    List<CollectResult.Chunk> results = new ArrayList<>();
    try {
      // Leased to the end, so that chunks of one request never evict each other.
      for (ImmutableIntArray tokenIds : chunks) {
        interruption.check();
        results.add(collect(tokenIds, leases));
      }
    } finally {
      leases.forEach(ChunkStore.Lease::close);
    }
    return new CollectResult(results, queueNanos);
  }

  private CollectResult.Chunk collect(ImmutableIntArray tokenIds, List<ChunkStore.Lease> leases) {
    ChunkKey key = resources.keys().of(tokenIds);
    Optional<ChunkStore.Lease> stored = resources.store().lease(key, ChunkStore.Use.COLLECT);
    if (stored.isPresent()) {
      leases.add(stored.get());
      return new CollectResult.Chunk(
          key, tokenIds.length(), stored.get().kv().byteCount(), true, 0);
    }
    long startedAt = resources.ticker().read();
    ChunkStore.Lease lease = compute(key, tokenIds);
    leases.add(lease);
    return new CollectResult.Chunk(
        key,
        tokenIds.length(),
        lease.kv().byteCount(),
        false,
        resources.ticker().read() - startedAt);
  }

  private ChunkStore.Lease compute(ChunkKey key, ImmutableIntArray tokenIds) {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
    resources.model().bosTokenId().ifPresent(ids::add);
    ImmutableIntArray sequenceIds = ids.addAll(tokenIds).build();
    KvPool pool = resources.pool();
    // A sequence that cannot be reserved must not cost stored chunks: reserve, then evict.
    try (KvSequence sequence = pool.reserve(sequenceIds.length());
        ChunkStore.Reservation room =
            resources.store().reserve(pool.chunkByteCount(tokenIds.length()))) {
      StoredKv kv = pool.allocateChunk(tokenIds.length());
      boolean stored = false;
      try {
        sequence.capture(kv, sequenceIds.length() - tokenIds.length());
        resources.runner().run(prefill(sequence, sequenceIds));
        ChunkStore.Lease lease = room.commit(key, kv);
        stored = true;
        return lease;
      } finally {
        if (!stored) {
          kv.close();
        }
      }
    }
  }

  private StepInput prefill(KvSequence sequence, ImmutableIntArray ids) {
    int[] keepAll = new int[resources.model().checkLayers().size()];
    Arrays.fill(keepAll, -1);
    return new StepInput(
        sequence.handle(),
        ids,
        Positions.upTo(ids.length()),
        ImmutableIntArray.copyOf(keepAll),
        false,
        false,
        false,
        List.of());
  }
}
