package ai.cacheblend.worker.chunks;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.worker.chunks.tier.ChunkEntries;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.kv.StoredKv;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Chunks on the device within a byte budget. Evicts in the order of {@link ChunkEntries}, and never
 * a leased chunk. Thread-safe. KV is freed outside the lock: freeing may wait for the device.
 */
public final class ChunkStore implements AutoCloseable {
  /** Purpose of a lease. */
  public enum Use {
    /** Counts as a hit. */
    COLLECT,
    GENERATE,
    /** Does not count as a use for eviction. */
    CHECK
  }

  /** Chunks that a drop frees, now or with their last lease. */
  public record Dropped(int chunkCount, long byteCount) {}

  /** Takes chunks that leave the store to make room for others. */
  interface Eviction {
    /** Outside the lock of the store. Closes the KV. */
    void evicted(ChunkKey key, StoredKv kv);
  }

  private final long budgetByteCount;
  private final Eviction eviction;

  @GuardedBy("this")
  private final ChunkEntries<Entry> entries = new ChunkEntries<>();

  /** Includes dropped chunks that are still leased. */
  @GuardedBy("this")
  private long storedByteCount;

  /** Part of storedByteCount. */
  @GuardedBy("this")
  private long leasedByteCount;

  /** Of chunks that are being computed. */
  @GuardedBy("this")
  private long reservedByteCount;

  @GuardedBy("this")
  private long hitCount;

  @GuardedBy("this")
  private long computedCount;

  @GuardedBy("this")
  private long evictedCount;

  public ChunkStore(long budgetByteCount) {
    this(budgetByteCount, (key, kv) -> kv.close());
  }

  ChunkStore(long budgetByteCount, Eviction eviction) {
    checkArgument(
        budgetByteCount >= 0, "chunk memory is %s bytes; give 0 or more", budgetByteCount);
    this.budgetByteCount = budgetByteCount;
    this.eviction = eviction;
  }

  synchronized boolean contains(ChunkKey key) {
    return entries.contains(key);
  }

  synchronized List<ChunkKey> keys() {
    return entries.keys();
  }

  public synchronized Optional<Lease> lease(ChunkKey key, Use use) {
    Optional<Entry> entry = use == Use.CHECK ? entries.get(key) : entries.use(key);
    if (entry.isPresent() && use == Use.COLLECT) {
      hitCount++;
    }
    return entry.map(Lease::new);
  }

  /**
   * Sets budget aside for a chunk that is about to be computed, and evicts chunks where needed.
   *
   * @throws KvExhaustedException if leased and reserved bytes leave too little; nothing is evicted
   */
  public Reservation reserve(long byteCount) {
    Map<ChunkKey, StoredKv> evicted = new LinkedHashMap<>();
    synchronized (this) {
      if (byteCount > budgetByteCount - leasedByteCount - reservedByteCount) {
        throw new KvExhaustedException(
            String.format(
                "the chunk needs %d bytes; of the chunk memory of %d bytes, running requests lease"
                    + " %d and reserve %d; collect fewer or shorter chunks at a time, or start the"
                    + " worker with a larger --chunk-memory",
                byteCount, budgetByteCount, leasedByteCount, reservedByteCount));
      }
      reservedByteCount += byteCount;
      while (storedByteCount + reservedByteCount > budgetByteCount) {
        ChunkEntries.Evicted<Entry> first =
            entries.evict(entry -> entry.leaseCount == 0).orElseThrow();
        evicted.put(first.key(), first.entry().kv);
        first.entry().removed = true;
        storedByteCount -= first.entry().byteCount();
        evictedCount++;
      }
    }
    evicted.forEach(eviction::evicted);
    return new Reservation(byteCount);
  }

  /** Drops chunks by key; ignores unknown keys. */
  public Dropped drop(Collection<ChunkKey> keys) {
    List<StoredKv> unused = new ArrayList<>();
    int count = 0;
    long bytes = 0;
    synchronized (this) {
      for (ChunkKey key : keys) {
        Optional<Entry> entry = entries.remove(key);
        if (entry.isPresent()) {
          count++;
          bytes += entry.get().byteCount();
          remove(entry.get(), unused);
        }
      }
    }
    unused.forEach(StoredKv::close);
    return new Dropped(count, bytes);
  }

  public Dropped dropAll() {
    return drop(keys());
  }

  /** Drops a chunk whose load has failed, unless another one has its key by now. */
  void discard(ChunkKey key, StoredKv kv) {
    List<StoredKv> unused = new ArrayList<>();
    synchronized (this) {
      if (entries.get(key).map(entry -> entry.kv == kv).orElse(false)) {
        remove(entries.remove(key).orElseThrow(), unused);
      }
    }
    unused.forEach(StoredKv::close);
  }

  public synchronized ChunkStatistics statistics() {
    return new ChunkStatistics(
        entries.size(), storedByteCount, budgetByteCount, hitCount, computedCount, evictedCount);
  }

  @Override
  public void close() {
    dropAll();
  }

  /** For an entry that has just left {@link #entries}. */
  @GuardedBy("this")
  private void remove(Entry entry, List<StoredKv> unused) {
    entry.removed = true;
    if (entry.leaseCount == 0) {
      storedByteCount -= entry.byteCount();
      unused.add(entry.kv);
    }
  }

  private static final class Entry {
    private final StoredKv kv;
    private final LoadState load;
    private int leaseCount;
    private boolean removed;

    Entry(StoredKv kv, LoadState load) {
      this.kv = kv;
      this.load = load;
    }

    long byteCount() {
      return kv.byteCount();
    }
  }

  /** Budget for one chunk, given back on close unless a chunk was committed. */
  public final class Reservation implements AutoCloseable {
    private final long byteCount;
    private boolean open = true;

    private Reservation(long byteCount) {
      this.byteCount = byteCount;
    }

    /**
     * Stores the chunk and leases it. The store owns its KV from here on. Where another request has
     * stored the key meanwhile, the store keeps that chunk and frees this one.
     */
    public Lease commit(ChunkKey key, StoredKv kv) {
      return commit(key, kv, LoadState.COMPUTED);
    }

    /** As {@link #commit(ChunkKey, StoredKv)}, for a chunk that is loaded from another tier. */
    Lease commit(ChunkKey key, StoredKv kv, LoadState load) {
      checkArgument(
          kv.byteCount() <= byteCount,
          "chunk of %s bytes in a reservation of %s",
          kv.byteCount(),
          byteCount);
      Entry stored;
      Lease lease;
      synchronized (ChunkStore.this) {
        checkState(open, "the reservation is closed");
        release();
        if (load == LoadState.COMPUTED) {
          computedCount++;
        }
        stored = entries.get(key).orElseGet(() -> new Entry(kv, load));
        if (stored.kv == kv) {
          entries.add(key, stored);
          storedByteCount += kv.byteCount();
        }
        lease = new Lease(stored);
      }
      if (stored.kv != kv) {
        kv.close();
      }
      return lease;
    }

    @Override
    public void close() {
      synchronized (ChunkStore.this) {
        if (open) {
          release();
        }
      }
    }

    @GuardedBy("ChunkStore.this")
    private void release() {
      open = false;
      reservedByteCount -= byteCount;
    }
  }

  /** Protects a chunk from eviction until closed. */
  public final class Lease implements AutoCloseable {
    private final Entry entry;
    private boolean closed;

    private Lease(Entry entry) {
      this.entry = entry;
      if (entry.leaseCount++ == 0) {
        leasedByteCount += entry.byteCount();
      }
    }

    public StoredKv kv() {
      checkState(!closed, "the lease is closed");
      return entry.kv;
    }

    /** Another lease of the same chunk. */
    Lease again() {
      synchronized (ChunkStore.this) {
        return new Lease(entry);
      }
    }

    LoadState load() {
      return entry.load;
    }

    @Override
    public void close() {
      synchronized (ChunkStore.this) {
        if (closed) {
          return;
        }
        closed = true;
        if (--entry.leaseCount > 0) {
          return;
        }
        leasedByteCount -= entry.byteCount();
        if (!entry.removed) {
          return;
        }
        storedByteCount -= entry.byteCount();
      }
      entry.kv.close();
    }
  }
}
