package ai.cacheblend.worker.testing;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.HostKv;
import ai.cacheblend.worker.chunks.tier.TierCounters;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.chunks.tier.TierStatistics;
import com.google.common.base.Ticker;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** A tier on the heap, without a budget. A test chooses the thread, and damages entries. */
public final class MemoryTier implements ChunkTier {
  private final Map<ChunkKey, byte[]> entries = new ConcurrentHashMap<>();
  private final TierCounters counters = new TierCounters(Ticker.systemTicker());
  private final AtomicReference<Runnable> beforeLookUp = new AtomicReference<>(() -> {});
  private final TierKind kind;
  private final Executor executor;

  public MemoryTier(Executor executor) {
    this(TierKind.DISK, executor);
  }

  public MemoryTier(TierKind kind, Executor executor) {
    this.kind = kind;
    this.executor = executor;
  }

  @Override
  public TierKind kind() {
    return kind;
  }

  @Override
  public boolean contains(ChunkKey key) {
    beforeLookUp.get().run();
    return entries.containsKey(key);
  }

  @Override
  public CompletableFuture<Boolean> read(ChunkKey key, HostKv into, IntConsumer layerRead) {
    return CompletableFuture.supplyAsync(() -> readNow(key, into, layerRead), executor);
  }

  private boolean readNow(ChunkKey key, HostKv into, IntConsumer layerRead) {
    counters.beginRead();
    byte[] content = entries.getOrDefault(key, new byte[0]);
    int layerByteCount = into.form().layerByteCount();
    int readable = Math.min(content.length / layerByteCount, into.form().layerCount());
    for (int layer = 0; layer < readable; layer++) {
      into.layer(layer).put(content, layer * layerByteCount, layerByteCount);
      layerRead.accept(layer);
    }
    boolean complete = content.length == into.form().byteCount();
    if (!complete && entries.remove(key) != null) {
      counters.corrupt();
    }
    counters.endRead(complete, (long) readable * layerByteCount);
    return complete;
  }

  @Override
  public CompletableFuture<Boolean> write(ChunkKey key, HostKv from) {
    return CompletableFuture.supplyAsync(
        () -> {
          counters.beginWrite();
          int layerByteCount = from.form().layerByteCount();
          byte[] content = new byte[Math.toIntExact(from.form().byteCount())];
          for (int layer = 0; layer < from.form().layerCount(); layer++) {
            from.layer(layer).get(content, layer * layerByteCount, layerByteCount);
          }
          entries.putIfAbsent(key, content);
          counters.endWrite(content.length);
          return true;
        },
        executor);
  }

  /** Runs on the thread of each later look-up. */
  public void beforeLookUp(Runnable action) {
    beforeLookUp.set(action);
  }

  /** Cuts an entry behind these bytes. */
  public void truncate(ChunkKey key, int byteCount) {
    entries.computeIfPresent(key, (k, content) -> Arrays.copyOf(content, byteCount));
  }

  @Override
  public void remove(ChunkKey key) {
    entries.remove(key);
  }

  @Override
  public void removeAll() {
    entries.clear();
  }

  @Override
  public TierStatistics statistics() {
    long byteCount = entries.values().stream().mapToLong(content -> content.length).sum();
    return counters.statistics(kind(), entries.size(), byteCount, 0);
  }

  @Override
  public void close() {}
}
