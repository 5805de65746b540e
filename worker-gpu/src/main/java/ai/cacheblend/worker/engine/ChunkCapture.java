package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.kv.StoredKv;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.primitives.ImmutableIntArray;
import java.util.Set;

/** Computes the KV of one chunk on its own, after the BOS token. */
final class ChunkCapture implements AutoCloseable {
  private final Resources resources;
  private final ChunkKey key;
  private final ImmutableIntArray sequenceIds;
  private final KvSequence sequence;
  private final ChunkStore.Reservation room;

  private int prefilledRowCount;

  /** Null after {@link #store}: the store owns it. */
  private StoredKv kv;

  private ChunkCapture(
      Resources resources,
      ChunkKey key,
      ImmutableIntArray sequenceIds,
      KvSequence sequence,
      ChunkStore.Reservation room) {
    this.resources = resources;
    this.key = key;
    this.sequenceIds = sequenceIds;
    this.sequence = sequence;
    this.room = room;
  }

  /** Reserves KV memory before it evicts stored chunks, so that a failure evicts nothing. */
  static ChunkCapture open(Resources resources, ChunkKey key, ImmutableIntArray tokenIds) {
    ImmutableIntArray.Builder ids = ImmutableIntArray.builder(tokenIds.length() + 1);
    resources.model().bosTokenId().ifPresent(ids::add);
    ImmutableIntArray sequenceIds = ids.addAll(tokenIds).build();
    KvPool pool = resources.pool();
    KvSequence sequence = pool.reserve(sequenceIds.length());
    ChunkCapture capture;
    try {
      ChunkStore.Reservation room =
          resources.tiers().device().reserve(pool.chunkByteCount(tokenIds.length()));
      capture = new ChunkCapture(resources, key, sequenceIds, sequence, room);
    } catch (Throwable t) {
      sequence.close();
      throw t;
    }
    try {
      capture.kv = pool.allocateChunk(tokenIds.length());
      sequence.capture(capture.kv, sequenceIds.length() - tokenIds.length());
      return capture;
    } catch (Throwable t) {
      capture.close();
      throw t;
    }
  }

  StepDemand demand() {
    return StepDemand.divisible(sequenceIds.length() - prefilledRowCount);
  }

  SequenceStep prefill(int rowCount) {
    int from = prefilledRowCount;
    prefilledRowCount += rowCount;
    return new SequenceStep(
        sequence.handle(),
        sequenceIds.subArray(from, prefilledRowCount),
        new Positions.Range(from, prefilledRowCount),
        resources.keepAll(),
        Set.of());
  }

  /** Whether a step has computed the last row. */
  boolean complete() {
    return prefilledRowCount == sequenceIds.length();
  }

  ChunkKey key() {
    return key;
  }

  /** After the step: hands the chunk to the store. */
  ChunkStore.Lease store() {
    ChunkStore.Lease lease = room.commit(key, kv);
    kv = null;
    resources.tiers().stored(key, lease.kv());
    return lease;
  }

  @Override
  public void close() {
    if (kv != null) {
      kv.close();
      kv = null;
    }
    room.close();
    sequence.close();
  }
}
