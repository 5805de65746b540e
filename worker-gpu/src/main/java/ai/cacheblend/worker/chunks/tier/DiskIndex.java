package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sizes of the files of a folder, least recently used first, within a budget. Thread-safe. */
final class DiskIndex {
  private final long budgetByteCount;

  @GuardedBy("this")
  private final Map<ChunkKey, Long> byteCounts = new LinkedHashMap<>();

  @GuardedBy("this")
  private long storedByteCount;

  /** Of files that are being written. */
  @GuardedBy("this")
  private long reservedByteCount;

  DiskIndex(long budgetByteCount) {
    this.budgetByteCount = budgetByteCount;
  }

  synchronized boolean contains(ChunkKey key) {
    return byteCounts.containsKey(key);
  }

  /** Adds a file, or marks it as used. */
  synchronized void put(ChunkKey key, long byteCount) {
    remove(key);
    byteCounts.put(key, byteCount);
    storedByteCount += byteCount;
  }

  synchronized void touch(ChunkKey key) {
    Long byteCount = byteCounts.remove(key);
    if (byteCount != null) {
      byteCounts.put(key, byteCount);
    }
  }

  synchronized void remove(ChunkKey key) {
    Long byteCount = byteCounts.remove(key);
    if (byteCount != null) {
      storedByteCount -= byteCount;
    }
  }

  /**
   * Reserves room for a file. Returns the chunks whose files must be deleted before; empty if files
   * that are being written leave too little.
   */
  synchronized Optional<List<ChunkKey>> reserve(long byteCount) {
    if (byteCount > budgetByteCount - reservedByteCount) {
      return Optional.empty();
    }
    reservedByteCount += byteCount;
    return Optional.of(evict());
  }

  /** The chunks that exceed the budget. */
  synchronized List<ChunkKey> evict() {
    List<ChunkKey> evicted = new ArrayList<>();
    Iterator<Map.Entry<ChunkKey, Long>> oldestFirst = byteCounts.entrySet().iterator();
    while (storedByteCount + reservedByteCount > budgetByteCount && oldestFirst.hasNext()) {
      Map.Entry<ChunkKey, Long> oldest = oldestFirst.next();
      storedByteCount -= oldest.getValue();
      evicted.add(oldest.getKey());
      oldestFirst.remove();
    }
    return evicted;
  }

  /** Ends a reservation. */
  synchronized void release(long byteCount) {
    reservedByteCount -= byteCount;
  }

  synchronized List<ChunkKey> keys() {
    return List.copyOf(byteCounts.keySet());
  }

  synchronized TierStatistics statistics(TierCounters counters) {
    return counters.statistics(TierKind.DISK, byteCounts.size(), storedByteCount, budgetByteCount);
  }
}
