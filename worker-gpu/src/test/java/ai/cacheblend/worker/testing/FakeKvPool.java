package ai.cacheblend.worker.testing;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.worker.kv.BlockKeys;
import ai.cacheblend.worker.kv.HostMemory;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.kv.KvLoad;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.kv.KvTransfer;
import ai.cacheblend.worker.kv.StoredKv;
import com.google.common.hash.HashCode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A pool that counts blocks, live chunks and the injected rows of each sequence, and caches
 * prefixes.
 */
public final class FakeKvPool implements KvPool {
  public static final int BYTES_PER_TOKEN = 10;
  private static final int BLOCK_TOKEN_COUNT = 4;

  /** Of chunks that are loaded. */
  private static final int LOADED_LAYER_COUNT = 3;

  private final long totalBlockCount;
  private final int bytesPerToken;
  private final AtomicLong reservedBlockCount = new AtomicLong();
  private final AtomicLong liveChunkCount = new AtomicLong();
  private final AtomicLong lastHandle = new AtomicLong();
  private final Map<Long, BitSet> injectedRows = new ConcurrentHashMap<>();
  private final Map<Long, Integer> activeRowCounts = new ConcurrentHashMap<>();
  private final Map<Long, Long> freshRowLayers = new ConcurrentHashMap<>();

  private final AtomicReference<Error> loadFailure = new AtomicReference<>();
  private final Queue<FakeTransfer> transfers = new ConcurrentLinkedQueue<>();

  /** Keys of cached blocks, which take no blocks here and are never evicted. */
  private final Set<HashCode> published = ConcurrentHashMap.newKeySet();

  public FakeKvPool(long totalBlockCount) {
    this(totalBlockCount, BYTES_PER_TOKEN);
  }

  public FakeKvPool(long totalBlockCount, int bytesPerToken) {
    this.totalBlockCount = totalBlockCount;
    this.bytesPerToken = bytesPerToken;
  }

  @Override
  public KvSequence reserve(int maxTokenCount, BlockKeys prefix) {
    long blocks = ((long) maxTokenCount + BLOCK_TOKEN_COUNT - 1) / BLOCK_TOKEN_COUNT;
    if (reservedBlockCount.get() + blocks > totalBlockCount) {
      throw new KvExhaustedException(
          blocks + " blocks needed, " + statistics().freeBlockCount() + " free");
    }
    reservedBlockCount.addAndGet(blocks);
    int shared = 0;
    while (shared < prefix.count() && published.contains(last(prefix.first(shared + 1)))) {
      shared++;
    }
    return new FakeSequence(lastHandle.incrementAndGet(), blocks, shared * BLOCK_TOKEN_COUNT);
  }

  private static HashCode last(BlockKeys keys) {
    byte[] bytes = keys.toBytes();
    return HashCode.fromBytes(
        Arrays.copyOfRange(bytes, bytes.length - BlockKeys.KEY_BYTES, bytes.length));
  }

  @Override
  public long dropCachedBlocks() {
    long count = published.size();
    published.clear();
    return count;
  }

  @Override
  public StoredKv allocateChunk(int tokenCount) {
    liveChunkCount.incrementAndGet();
    return new FakeStored(tokenCount);
  }

  @Override
  public HostMemory allocateHost(long byteCount) {
    return new FakeHostMemory(Math.toIntExact(byteCount));
  }

  @Override
  public KvTransfer load(HostMemory from, List<StoredKv> chunks, KvEncoding encoding) {
    checkArgument(encoding == KvEncoding.NATIVE, "the fake pool encodes nothing");
    chunks.forEach(chunk -> ((FakeStored) chunk).captured = true);
    FakeTransfer transfer = new FakeTransfer(from, chunks, loadFailure.getAndSet(null));
    transfers.add(transfer);
    return transfer;
  }

  /** Makes the next load fail in its first layer. */
  public void failNextLoad(Error failure) {
    loadFailure.set(failure);
  }

  /** Waits for all loads, as a step waits for the chunks that it reads. */
  void awaitLoads() {
    transfers.forEach(transfer -> transfer.ended.join());
    transfers.clear();
  }

  /** Bytes of a chunk that was captured or loaded. */
  public byte[] content(StoredKv chunk) {
    return ((FakeStored) chunk).content.clone();
  }

  @Override
  public long chunkByteCount(int tokenCount) {
    return (long) bytesPerToken * tokenCount;
  }

  @Override
  public KvPoolStatistics statistics() {
    long reserved = reservedBlockCount.get();
    return new KvPoolStatistics(
        BLOCK_TOKEN_COUNT,
        totalBlockCount,
        totalBlockCount - reserved,
        reserved,
        0,
        activeRowCounts.size(),
        liveChunkCount.get(),
        0,
        published.size(),
        0);
  }

  /** Chunks that were allocated and not closed. */
  public long liveChunkCount() {
    return liveChunkCount.get();
  }

  /** Rows of a sequence with injected KV. */
  BitSet injectedRows(long handle) {
    return injectedRows.get(handle);
  }

  /** Sets the number of rows of a step that stayed active to the last layer. */
  public void countActiveRows(long handle, int count) {
    activeRowCounts.put(handle, count);
  }

  /** Adds rows with fresh KV, summed over layers. */
  public void countFreshRowLayers(long handle, long count) {
    freshRowLayers.merge(handle, count, Long::sum);
  }

  @Override
  public void close() {}

  private final class FakeSequence implements KvSequence {
    private final long handle;
    private final long blockCount;
    private final int sharedTokenCount;
    private boolean closed;

    FakeSequence(long handle, long blockCount, int sharedTokenCount) {
      this.sharedTokenCount = sharedTokenCount;
      this.handle = handle;
      this.blockCount = blockCount;
      injectedRows.put(handle, new BitSet());
    }

    @Override
    public long handle() {
      checkState(!closed, "the sequence is closed");
      return handle;
    }

    @Override
    public void inject(StoredKv chunk, int firstPosition) {
      checkState(((FakeStored) chunk).captured, "the chunk was not captured");
      injectedRows.get(handle).set(firstPosition, firstPosition + chunk.tokenCount());
    }

    @Override
    public void capture(StoredKv chunk, int firstPosition) {
      FakeStored stored = (FakeStored) chunk;
      stored.captured = true;
      new Random(stored.tokenCount).nextBytes(stored.content);
    }

    @Override
    public int sharedTokenCount() {
      return sharedTokenCount;
    }

    @Override
    public void publish(BlockKeys keys) {
      for (int count = 1; count <= keys.count(); count++) {
        published.add(last(keys.first(count)));
      }
    }

    @Override
    public long activeRowCount() {
      return activeRowCounts.get(handle);
    }

    @Override
    public void allocateAttention() {
      checkState(!closed, "the sequence is closed");
    }

    @Override
    public long freshRowLayers() {
      return freshRowLayers.getOrDefault(handle, 0L);
    }

    @Override
    public KvLoad kvLoad() {
      int rows = injectedRows.get(handle).cardinality();
      return new KvLoad(rows, rows / 2);
    }

    @Override
    public void close() {
      checkState(!closed, "the sequence was closed before");
      closed = true;
      injectedRows.remove(handle);
      activeRowCounts.remove(handle);
      freshRowLayers.remove(handle);
      reservedBlockCount.addAndGet(-blockCount);
    }
  }

  private final class FakeStored implements StoredKv {
    private final int tokenCount;
    private final byte[] content;
    private boolean captured;
    private boolean closed;

    FakeStored(int tokenCount) {
      this.tokenCount = tokenCount;
      this.content = new byte[Math.toIntExact(chunkByteCount(tokenCount))];
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
    public void copyTo(HostMemory to, long offset, KvEncoding encoding) {
      checkArgument(encoding == KvEncoding.NATIVE, "the fake pool encodes nothing");
      checkState(!closed, "the chunk is closed");
      to.bytes(offset, content.length).put(content);
    }

    @Override
    public void close() {
      checkState(!closed, "the chunk was closed before");
      closed = true;
      liveChunkCount.decrementAndGet();
    }
  }

  /** Layers of equal size, in the order of {@link FakeStored#content}. */
  private static final class FakeTransfer implements KvTransfer {
    private final HostMemory from;
    private final List<StoredKv> chunks;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Error failure;
    private int layer;

    /**
     * @param failure null: the transfer succeeds
     */
    FakeTransfer(HostMemory from, List<StoredKv> chunks, Error failure) {
      this.from = from;
      this.chunks = List.copyOf(chunks);
      this.failure = failure;
    }

    @Override
    public void nextLayer(long[] offsets) {
      if (failure != null) {
        throw failure;
      }
      for (int i = 0; i < offsets.length; i++) {
        byte[] content = ((FakeStored) chunks.get(i)).content;
        int layerByteCount = content.length / LOADED_LAYER_COUNT;
        if (offsets[i] != FAILED) {
          from.bytes(offsets[i], layerByteCount)
              .get(content, layer * layerByteCount, layerByteCount);
        }
      }
      layer++;
    }

    @Override
    public void close() {
      ended.complete(null);
    }
  }

  private static final class FakeHostMemory implements HostMemory {
    private final ByteBuffer bytes;

    FakeHostMemory(int byteCount) {
      this.bytes = ByteBuffer.allocateDirect(byteCount);
    }

    @Override
    public long byteCount() {
      return bytes.capacity();
    }

    @Override
    public ByteBuffer bytes(long offset, int byteCount) {
      return bytes.slice(Math.toIntExact(offset), byteCount).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {}
  }
}
