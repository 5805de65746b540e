package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.chunks.KvMemory;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvSnapshot;
import ai.cacheblend.worker.kv.StoredKv;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Native KV memory whose sequences and chunks can be read. */
final class ProbedMemory implements KvMemory {
  private static final int BLOCKS = 64;

  private final KvPool pool;
  private final KvShape shape;
  private final Map<Long, KvSequence> running = new ConcurrentHashMap<>();

  ProbedMemory(KvShape shape) {
    this.shape = shape;
    this.pool = KvPool.create(TestDevice.kvPlace(), shape, BLOCKS);
  }

  KvPool pool() {
    return pool;
  }

  KvImage image(long handle, int positionCount) {
    return new KvImage(running.get(handle), positionCount);
  }

  long activeRowCount(long handle) {
    return running.get(handle).activeRowCount();
  }

  @Override
  public Sequence reserve(int maxTokenCount) {
    KvSequence sequence = pool.reserve(maxTokenCount);
    running.put(sequence.handle(), sequence);
    return new ProbedSequence(sequence);
  }

  @Override
  public Stored allocateChunk(int tokenCount) {
    return new ProbedChunk(pool.allocateChunk(tokenCount));
  }

  @Override
  public long chunkByteCount(int tokenCount) {
    return KvPool.chunkBytesPerToken(TestDevice.kvPlace(), shape) * tokenCount;
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

  private final class ProbedSequence implements Sequence {
    private final KvSequence sequence;

    ProbedSequence(KvSequence sequence) {
      this.sequence = sequence;
    }

    @Override
    public long handle() {
      return sequence.handle();
    }

    @Override
    public void place(Stored chunk, int firstPosition) {
      sequence.place(((ProbedChunk) chunk).kv(), firstPosition);
    }

    @Override
    public void capture(Stored chunk, int firstPosition) {
      sequence.capture(((ProbedChunk) chunk).kv(), firstPosition);
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
      running.remove(sequence.handle());
      sequence.close();
    }
  }

  record ProbedChunk(StoredKv kv) implements Stored {
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
