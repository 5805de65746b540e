package ai.cacheblend.worker.kv;

/**
 * Fixed-size blocks of KV memory. Thread-safe. Memory is given back when the pool and all that came
 * from it are closed.
 */
public final class KvPool implements AutoCloseable {
  public static final int BLOCK_TOKEN_COUNT = 64;

  private final NativeHandle handle;
  private final KvShape shape;

  private KvPool(KvShape shape, long handle) {
    this.shape = shape;
    this.handle = new NativeHandle("KV pool", handle, Native::closePool);
  }

  /**
   * Memory of the host is mapped, but costs nothing before it is touched; a CUDA device's is taken.
   *
   * @throws KvExhaustedException if it cannot be had
   */
  public static KvPool create(KvPlace place, KvShape shape, long blockCount) {
    NativeLibrary.path();
    return new KvPool(
        shape,
        Native.createPool(
            shape.layerCount(),
            shape.kvHeadCount(),
            shape.headSize(),
            blockCount,
            place.cudaOrdinal(),
            place.elementNumber()));
  }

  /** Bytes of pool memory per token of a sequence, in all layers. */
  public static long bytesPerToken(KvPlace place, KvShape shape) {
    return tokenBytes(place, shape)[0];
  }

  /** Bytes of memory per token of a stored chunk, in all layers. */
  public static long chunkBytesPerToken(KvPlace place, KvShape shape) {
    return tokenBytes(place, shape)[1];
  }

  private static long[] tokenBytes(KvPlace place, KvShape shape) {
    NativeLibrary.path();
    long[] figures = new long[2];
    Native.bytesPerToken(
        shape.layerCount(),
        shape.kvHeadCount(),
        shape.headSize(),
        place.cudaOrdinal(),
        place.elementNumber(),
        figures);
    return figures;
  }

  /**
   * Blocks for the tokens that a sequence can have at most, prompt and answer.
   *
   * @throws KvExhaustedException if not enough blocks are free
   */
  public KvSequence reserve(int maxTokenCount) {
    return new KvSequence(Native.reserve(handle.get(), maxTokenCount), shape);
  }

  /**
   * An empty chunk, to be captured by a sequence of this pool.
   *
   * @throws KvExhaustedException if the memory cannot be had
   */
  public StoredKv allocateChunk(int tokenCount) {
    return new StoredKv(Native.allocateChunk(handle.get(), tokenCount), tokenCount, shape);
  }

  public KvSnapshot snapshot() {
    long[] figures = new long[7];
    Native.snapshot(handle.get(), figures);
    return new KvSnapshot(
        BLOCK_TOKEN_COUNT,
        figures[0],
        figures[1],
        figures[2],
        figures[3],
        figures[4],
        figures[5],
        figures[6]);
  }

  @Override
  public void close() {
    handle.close();
  }
}
