package ai.cacheblend.worker.kv;

import java.util.List;
import java.util.function.LongSupplier;

/** A pool of the native library. */
public final class NativeKvPool implements KvPool {
  public static final int BLOCK_TOKEN_COUNT = 64;

  private final NativeHandle handle;
  private final KvShape shape;
  private final long chunkBytesPerToken;

  private NativeKvPool(KvShape shape, long chunkBytesPerToken, long handle) {
    this.shape = shape;
    this.chunkBytesPerToken = chunkBytesPerToken;
    this.handle = new NativeHandle("KV pool", handle, Native::closePool);
  }

  /**
   * Allocates and commits all blocks.
   *
   * @throws KvExhaustedException if the device has too little memory
   */
  public static NativeKvPool create(KvStorage storage, KvShape shape, long blockCount) {
    NativeLibrary.path();
    long handle =
        allocate(
            () ->
                Native.createPool(
                    shape.layerCount(),
                    shape.kvHeadCount(),
                    shape.headSize(),
                    blockCount,
                    storage.cudaOrdinal(),
                    storage.elementNumber()),
            "start the worker with a smaller --kv-memory");
    return new NativeKvPool(shape, tokenByteCounts(storage, shape)[1], handle);
  }

  /** Bytes of pool memory per token of a sequence, in all layers. */
  public static long bytesPerToken(KvStorage storage, KvShape shape) {
    return tokenByteCounts(storage, shape)[0];
  }

  private static long[] tokenByteCounts(KvStorage storage, KvShape shape) {
    NativeLibrary.path();
    long[] byteCounts = new long[2];
    Native.bytesPerToken(
        shape.layerCount(),
        shape.kvHeadCount(),
        shape.headSize(),
        storage.cudaOrdinal(),
        storage.elementNumber(),
        byteCounts);
    return byteCounts;
  }

  @Override
  public NativeKvSequence reserve(int maxTokenCount) {
    return reserve(maxTokenCount, BlockKeys.NONE);
  }

  @Override
  public NativeKvSequence reserve(int maxTokenCount, BlockKeys prefix) {
    long sequence =
        allocate(
            () -> Native.reserve(handle.get(), maxTokenCount, prefix.toBytes()),
            "shorten the request, or start the worker with a larger --kv-memory");
    return new NativeKvSequence(sequence, shape);
  }

  @Override
  public long dropCachedBlocks() {
    return Native.dropCachedBlocks(handle.get());
  }

  @Override
  public NativeStoredKv allocateChunk(int tokenCount) {
    long chunk =
        allocate(
            () -> Native.allocateChunk(handle.get(), tokenCount),
            "start the worker with a smaller --chunk-memory");
    return new NativeStoredKv(chunk, tokenCount, shape);
  }

  @Override
  public HostMemory allocateHost(long byteCount) {
    long memory =
        allocate(
            () -> Native.allocateHostMemory(handle.get(), byteCount),
            "start the worker with a smaller --host-memory");
    return new NativeHostMemory(memory, byteCount);
  }

  @Override
  public KvTransfer load(HostMemory from, List<StoredKv> chunks, KvEncoding encoding) {
    long[] handles =
        chunks.stream().mapToLong(chunk -> ((NativeStoredKv) chunk).handle()).toArray();
    long memory = ((NativeHostMemory) from).handle();
    long load =
        allocate(
            () -> Native.beginLoad(memory, handles, encoding.number()),
            "start the worker with a smaller --chunk-memory");
    return new NativeKvTransfer(load);
  }

  @Override
  public long chunkByteCount(int tokenCount) {
    return chunkBytesPerToken * tokenCount;
  }

  @Override
  public KvPoolStatistics statistics() {
    long[] values = new long[9];
    Native.poolStatistics(handle.get(), values);
    return new KvPoolStatistics(
        BLOCK_TOKEN_COUNT,
        values[0],
        values[1],
        values[2],
        values[3],
        values[4],
        values[5],
        values[6],
        values[7],
        values[8]);
  }

  @Override
  public void close() {
    handle.close();
  }

  private static long allocate(LongSupplier allocation, String remedy) {
    try {
      return allocation.getAsLong();
    } catch (KvExhaustedException e) {
      throw new KvExhaustedException(e.getMessage() + "; " + remedy, e);
    }
  }
}
