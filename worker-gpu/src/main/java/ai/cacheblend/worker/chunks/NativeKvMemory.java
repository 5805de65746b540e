package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.kv.KvPlace;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvSnapshot;
import ai.cacheblend.worker.kv.StoredKv;

/** KV memory of the native library; owns its pool. */
public final class NativeKvMemory implements KvMemory {
  private final KvPool pool;
  private final long chunkBytesPerToken;

  public NativeKvMemory(KvPlace place, KvShape shape, long blockCount) {
    this.chunkBytesPerToken = KvPool.chunkBytesPerToken(place, shape);
    this.pool = KvPool.create(place, shape, blockCount);
  }

  @Override
  public Sequence reserve(int maxTokenCount) {
    try {
      return new NativeSequence(pool.reserve(maxTokenCount));
    } catch (KvExhaustedException e) {
      throw new CapacityException(
          e.getMessage() + "; shorten the request, or start the worker with a larger --kv-memory",
          e);
    }
  }

  @Override
  public Stored allocateChunk(int tokenCount) {
    try {
      return new NativeStored(pool.allocateChunk(tokenCount));
    } catch (KvExhaustedException e) {
      throw new CapacityException(
          e.getMessage() + "; start the worker with a smaller --chunk-memory", e);
    }
  }

  @Override
  public long chunkByteCount(int tokenCount) {
    return chunkBytesPerToken * tokenCount;
  }

  @Override
  public Figures figures() {
    KvSnapshot snapshot = pool.snapshot();
    return new Figures(
        snapshot.blockTokenCount(),
        snapshot.totalBlockCount(),
        snapshot.freeBlockCount(),
        snapshot.reservedBlockCount(),
        snapshot.byteCount());
  }

  @Override
  public void close() {
    pool.close();
  }

  private record NativeSequence(KvSequence sequence) implements Sequence {
    @Override
    public long handle() {
      return sequence.handle();
    }

    @Override
    public void place(Stored chunk, int firstPosition) {
      sequence.place(((NativeStored) chunk).kv(), firstPosition);
    }

    @Override
    public void capture(Stored chunk, int firstPosition) {
      sequence.capture(((NativeStored) chunk).kv(), firstPosition);
    }

    @Override
    public long activeRowCount() {
      return sequence.activeRowCount();
    }

    @Override
    public long kvLoadNanos() {
      return sequence.kvLoadNanos();
    }

    @Override
    public void close() {
      sequence.close();
    }
  }

  private record NativeStored(StoredKv kv) implements Stored {
    @Override
    public int tokenCount() {
      return kv.tokenCount();
    }

    @Override
    public long byteCount() {
      return kv.byteCount();
    }

    @Override
    public void close() {
      kv.close();
    }
  }
}
