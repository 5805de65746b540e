package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sizes of the files of a folder within a budget. Thread-safe. */
final class DiskIndex {
  private final long budgetByteCount;

  /** Sizes. */
  @GuardedBy("this")
  private final ChunkEntries<Long> files = new ChunkEntries<>();

  @GuardedBy("this")
  private long storedByteCount;

  /** Of files that are being written. */
  @GuardedBy("this")
  private long reservedByteCount;

  DiskIndex(long budgetByteCount) {
    this.budgetByteCount = budgetByteCount;
  }

  /** Adds a file, or marks it as used. */
  synchronized void put(ChunkKey key, long byteCount) {
    remove(key);
    files.add(key, byteCount);
    storedByteCount += byteCount;
  }

  synchronized void remove(ChunkKey key) {
    storedByteCount -= files.remove(key).orElse(0L);
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
    while (storedByteCount + reservedByteCount > budgetByteCount && files.size() > 0) {
      ChunkEntries.Evicted<Long> first = files.evict(file -> true).orElseThrow();
      storedByteCount -= first.entry();
      evicted.add(first.key());
    }
    return evicted;
  }

  /** Ends a reservation. */
  synchronized void release(long byteCount) {
    reservedByteCount -= byteCount;
  }

  synchronized List<ChunkKey> keys() {
    return files.keys();
  }

  synchronized TierStatistics statistics(TierCounters counters) {
    return counters.statistics(TierKind.DISK, files.size(), storedByteCount, budgetByteCount);
  }
}
