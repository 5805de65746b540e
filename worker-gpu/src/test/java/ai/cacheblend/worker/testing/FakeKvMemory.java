package ai.cacheblend.worker.testing;

import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.worker.chunks.CapacityException;
import ai.cacheblend.worker.chunks.KvMemory;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** KV memory that only counts: blocks, live chunks, and which rows of a sequence a chunk covers. */
public final class FakeKvMemory implements KvMemory {
  public static final int BYTES_PER_TOKEN = 10;
  private static final int BLOCK_TOKEN_COUNT = 4;

  private final long totalBlockCount;
  private final AtomicLong reservedBlockCount = new AtomicLong();
  private final AtomicLong liveChunkCount = new AtomicLong();
  private final AtomicLong lastHandle = new AtomicLong();
  private final Map<Long, BitSet> placedRows = new ConcurrentHashMap<>();
  private final Map<Long, Integer> activeRowCounts = new ConcurrentHashMap<>();

  public FakeKvMemory(long totalBlockCount) {
    this.totalBlockCount = totalBlockCount;
  }

  @Override
  public Sequence reserve(int maxTokenCount) {
    long blocks = ((long) maxTokenCount + BLOCK_TOKEN_COUNT - 1) / BLOCK_TOKEN_COUNT;
    if (reservedBlockCount.get() + blocks > totalBlockCount) {
      throw new CapacityException(
          blocks + " blocks needed, " + figures().freeBlockCount() + " free");
    }
    reservedBlockCount.addAndGet(blocks);
    return new FakeSequence(lastHandle.incrementAndGet(), blocks);
  }

  @Override
  public Stored allocateChunk(int tokenCount) {
    liveChunkCount.incrementAndGet();
    return new FakeStored(tokenCount);
  }

  @Override
  public long chunkByteCount(int tokenCount) {
    return (long) BYTES_PER_TOKEN * tokenCount;
  }

  @Override
  public Figures figures() {
    long reserved = reservedBlockCount.get();
    return new Figures(BLOCK_TOKEN_COUNT, totalBlockCount, totalBlockCount - reserved, reserved, 0);
  }

  /** Chunks that were allocated and not closed. */
  public long liveChunkCount() {
    return liveChunkCount.get();
  }

  /** Rows of a sequence that a chunk covers. */
  BitSet placedRows(long handle) {
    return placedRows.get(handle);
  }

  /** Of the rows of a step, so many were active to the last layer. */
  public void countActiveRows(long handle, int count) {
    activeRowCounts.put(handle, count);
  }

  @Override
  public void close() {}

  private final class FakeSequence implements Sequence {
    private final long handle;
    private final long blockCount;
    private boolean closed;

    FakeSequence(long handle, long blockCount) {
      this.handle = handle;
      this.blockCount = blockCount;
      placedRows.put(handle, new BitSet());
    }

    @Override
    public long handle() {
      checkState(!closed, "the sequence is closed");
      return handle;
    }

    @Override
    public void place(Stored chunk, int firstPosition) {
      checkState(((FakeStored) chunk).captured, "the chunk was not captured");
      placedRows.get(handle).set(firstPosition, firstPosition + chunk.tokenCount());
    }

    @Override
    public void capture(Stored chunk, int firstPosition) {
      ((FakeStored) chunk).captured = true;
    }

    @Override
    public long activeRowCount() {
      return activeRowCounts.get(handle);
    }

    @Override
    public long kvLoadNanos() {
      return placedRows.get(handle).cardinality();
    }

    @Override
    public void close() {
      checkState(!closed, "the sequence was closed before");
      closed = true;
      placedRows.remove(handle);
      activeRowCounts.remove(handle);
      reservedBlockCount.addAndGet(-blockCount);
    }
  }

  private final class FakeStored implements Stored {
    private final int tokenCount;
    private boolean captured;
    private boolean closed;

    FakeStored(int tokenCount) {
      this.tokenCount = tokenCount;
    }

    @Override
    public int tokenCount() {
      return tokenCount;
    }

    @Override
    public long byteCount() {
      return chunkByteCount(tokenCount);
    }

    @Override
    public void close() {
      checkState(!closed, "the chunk was closed before");
      closed = true;
      liveChunkCount.decrementAndGet();
    }
  }
}
