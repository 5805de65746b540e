package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stored chunks within a byte budget; the least recently used goes first, a leased one never.
 *
 * <p>Thread-safe, so that figures can be read at any time; memory is freed on the thread that
 * evicts, drops, or gives back the last lease.
 */
public final class ChunkStore implements AutoCloseable {
  /** Why a chunk is leased. */
  public enum Use {
    /** Counts as a hit. */
    COLLECT,
    GENERATE,
    /** Leaves the order of eviction alone. */
    CHECK
  }

  /** What a drop freed, or will free when the last lease ends. */
  public record Dropped(int chunkCount, long byteCount) {}

  private final long budgetByteCount;

  /** Least recently used first. */
  @GuardedBy("this")
  private final Map<ChunkKey, Entry> entries = new LinkedHashMap<>();

  @GuardedBy("this")
  private long byteCount;

  @GuardedBy("this")
  private long hitCount;

  @GuardedBy("this")
  private long computedCount;

  @GuardedBy("this")
  private long evictedCount;

  public ChunkStore(long budgetByteCount) {
    checkArgument(
        budgetByteCount >= 0, "chunk memory is %s bytes; give 0 or more", budgetByteCount);
    this.budgetByteCount = budgetByteCount;
  }

  public synchronized Optional<Lease> lease(ChunkKey key, Use use) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (use != Use.CHECK) {
      entries.remove(key);
      entries.put(key, entry);
    }
    if (use == Use.COLLECT) {
      hitCount++;
    }
    return Optional.of(new Lease(entry));
  }

  /** Evicts until so many bytes fit; changes nothing where they cannot. */
  public synchronized void makeRoom(long neededByteCount) {
    long leased =
        entries.values().stream()
            .filter(e -> e.leaseCount > 0)
            .mapToLong(e -> e.kv.byteCount())
            .sum();
    if (neededByteCount > budgetByteCount - leased) {
      throw new CapacityException(
          String.format(
              "the chunk needs %d bytes of the store's %d, of which this request holds %d; collect fewer or shorter"
                  + " chunks, or start the worker with a larger --chunk-memory",
              neededByteCount, budgetByteCount, leased));
    }
    Iterator<Entry> oldestFirst = entries.values().iterator();
    while (byteCount + neededByteCount > budgetByteCount) {
      Entry entry = oldestFirst.next();
      if (entry.leaseCount == 0) {
        oldestFirst.remove();
        forget(entry);
        evictedCount++;
      }
    }
  }

  /** Takes a computed chunk over and lends it; the caller made room. */
  public synchronized Lease add(ChunkKey key, KvMemory.Stored kv) {
    checkState(!entries.containsKey(key), "chunk %s is stored already", key);
    Entry entry = new Entry(kv);
    entries.put(key, entry);
    byteCount += kv.byteCount();
    computedCount++;
    return new Lease(entry);
  }

  /** Drops these; unknown keys are passed over. */
  public synchronized Dropped drop(Collection<ChunkKey> keys) {
    int count = 0;
    long bytes = 0;
    for (ChunkKey key : keys) {
      Entry entry = entries.remove(key);
      if (entry != null) {
        count++;
        bytes += entry.kv.byteCount();
        forget(entry);
      }
    }
    return new Dropped(count, bytes);
  }

  public synchronized Dropped dropAll() {
    return drop(List.copyOf(entries.keySet()));
  }

  public synchronized ChunkFigures figures() {
    return new ChunkFigures(
        entries.size(), byteCount, budgetByteCount, hitCount, computedCount, evictedCount);
  }

  @Override
  public void close() {
    dropAll();
  }

  @GuardedBy("this")
  private void forget(Entry entry) {
    entry.forgotten = true;
    if (entry.leaseCount == 0) {
      free(entry);
    }
  }

  @GuardedBy("this")
  private void free(Entry entry) {
    byteCount -= entry.kv.byteCount();
    entry.kv.close();
  }

  private static final class Entry {
    private final KvMemory.Stored kv;
    private int leaseCount;
    private boolean forgotten;

    Entry(KvMemory.Stored kv) {
      this.kv = kv;
    }
  }

  /** Keeps a chunk from eviction until closed. */
  public final class Lease implements AutoCloseable {
    private final Entry entry;
    private boolean closed;

    private Lease(Entry entry) {
      this.entry = entry;
      entry.leaseCount++;
    }

    public KvMemory.Stored kv() {
      checkState(!closed, "the lease is closed");
      return entry.kv;
    }

    @Override
    public void close() {
      synchronized (ChunkStore.this) {
        if (closed) {
          return;
        }
        closed = true;
        entry.leaseCount--;
        if (entry.leaseCount == 0 && entry.forgotten) {
          free(entry);
        }
      }
    }
  }
}
