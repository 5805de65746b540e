package ai.cacheblend.worker.invariants;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.kv.BlockKeys;
import ai.cacheblend.worker.kv.HostMemory;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvTransfer;
import ai.cacheblend.worker.kv.NativeKvPool;
import ai.cacheblend.worker.kv.NativeKvSequence;
import ai.cacheblend.worker.kv.NativeStoredKv;
import ai.cacheblend.worker.kv.StoredKv;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A native pool that finds its sequences by handle, so that their KV can be read. */
final class ProbedMemory implements KvPool {
  private static final int BLOCKS = 64;

  private final NativeKvPool pool;
  private final Map<Long, NativeKvSequence> sequences = new ConcurrentHashMap<>();

  ProbedMemory(KvShape shape) {
    this.pool = NativeKvPool.create(TestDevice.kvStorage(), shape, BLOCKS);
  }

  NativeKvPool pool() {
    return pool;
  }

  KvImage image(long handle, int positionCount) {
    return new KvImage(sequences.get(handle), positionCount);
  }

  long activeRowCount(long handle) {
    return sequences.get(handle).activeRowCount();
  }

  @Override
  public NativeKvSequence reserve(int maxTokenCount, BlockKeys prefix) {
    NativeKvSequence sequence = pool.reserve(maxTokenCount, prefix);
    sequences.put(sequence.handle(), sequence);
    return sequence;
  }

  @Override
  public long dropCachedBlocks() {
    return pool.dropCachedBlocks();
  }

  @Override
  public NativeStoredKv allocateChunk(int tokenCount) {
    return pool.allocateChunk(tokenCount);
  }

  @Override
  public HostMemory allocateHost(long byteCount) {
    return pool.allocateHost(byteCount);
  }

  @Override
  public KvTransfer load(HostMemory from, List<StoredKv> chunks, KvEncoding encoding) {
    return pool.load(from, chunks, encoding);
  }

  @Override
  public long chunkByteCount(int tokenCount) {
    return pool.chunkByteCount(tokenCount);
  }

  @Override
  public KvPoolStatistics statistics() {
    return pool.statistics();
  }

  @Override
  public void close() {
    pool.close();
  }
}
