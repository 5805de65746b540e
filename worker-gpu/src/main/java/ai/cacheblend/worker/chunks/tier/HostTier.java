package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.kv.HostMemory;
import ai.cacheblend.worker.kv.StoredKv;
import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Chunks in host memory. Every transfer between the device and the tiers below passes through it.
 * Evicts in the order of {@link ChunkEntries}, and never a leased chunk. Thread-safe.
 */
public final class HostTier implements AutoCloseable {
  private final HostMemory memory;
  private final TierCounters counters;

  @GuardedBy("this")
  private final RangeAllocator ranges;

  @GuardedBy("this")
  private final ChunkEntries<HostEntry> entries = new ChunkEntries<>();

  /** Of entries, and of removed ones that are still leased. */
  @GuardedBy("this")
  private long storedByteCount;

  /** Part of storedByteCount. */
  @GuardedBy("this")
  private long leasedByteCount;

  /** Owns the memory. */
  public HostTier(HostMemory memory, Ticker ticker) {
    this.memory = memory;
    this.counters = new TierCounters(ticker);
    this.ranges = new RangeAllocator(memory.byteCount());
  }

  public HostMemory memory() {
    return memory;
  }

  public TierCounters counters() {
    return counters;
  }

  public synchronized boolean contains(ChunkKey key) {
    return entries.contains(key);
  }

  /** What an entry still waits for. */
  public record Filling(TierKind origin, long missingByteCount) {}

  /** The state of an entry. Does not count as a use. */
  public synchronized Optional<Filling> locate(ChunkKey key) {
    return entries.get(key).map(entry -> new Filling(entry.origin(), entry.missingByteCount()));
  }

  public synchronized Optional<Lease> lease(ChunkKey key) {
    return entries.use(key).map(Lease::new);
  }

  /**
   * Adds an empty entry, for the caller to fill, and evicts others where needed. Empty if an entry
   * with this key is there, or if leased entries leave too little memory; then nothing is evicted.
   *
   * @param origin where the KV comes from
   */
  public synchronized Optional<Lease> add(ChunkKey key, KvForm form, TierKind origin) {
    long byteCount = RangeAllocator.padded(form.byteCount());
    if (entries.contains(key) || byteCount > memory.byteCount() - leasedByteCount) {
      return Optional.empty();
    }
    OptionalLong offset = ranges.allocate(byteCount);
    while (offset.isEmpty()) {
      Optional<ChunkEntries.Evicted<HostEntry>> evicted =
          entries.evict(entry -> entry.leaseCount == 0);
      if (evicted.isEmpty()) {
        return Optional.empty(); // leased entries divide the memory
      }
      remove(evicted.get().entry());
      counters.evicted();
      offset = ranges.allocate(byteCount);
    }
    HostEntry entry = new HostEntry(key, form, offset.getAsLong(), origin);
    entries.add(key, entry);
    storedByteCount += byteCount;
    return Optional.of(new Lease(entry));
  }

  /** Adds a chunk of the device. Empty as for {@link #add}. */
  public Optional<Lease> copy(ChunkKey key, KvForm form, StoredKv kv) {
    Optional<Lease> room = add(key, form, TierKind.HOST);
    room.ifPresent(lease -> fill(lease, kv));
    return room;
  }

  private void fill(Lease lease, StoredKv kv) {
    counters.beginWrite();
    boolean complete = false;
    try {
      kv.copyTo(memory, lease.offset(0), lease.form().encoding());
      complete = true;
    } finally {
      counters.endWrite(complete ? lease.form().byteCount() : 0);
      lease.filled(complete);
      if (!complete) {
        lease.close();
      }
    }
  }

  /** Removes chunks; their memory is free when their leases have ended. Returns their number. */
  public synchronized int remove(Collection<ChunkKey> keys) {
    int count = 0;
    for (ChunkKey key : keys) {
      Optional<HostEntry> entry = entries.remove(key);
      if (entry.isPresent()) {
        remove(entry.get());
        count++;
      }
    }
    return count;
  }

  public synchronized List<ChunkKey> keys() {
    return entries.keys();
  }

  public synchronized TierStatistics statistics() {
    return counters.statistics(TierKind.HOST, entries.size(), storedByteCount, memory.byteCount());
  }

  @Override
  public void close() {
    memory.close();
  }

  /** For an entry that has just left {@link #entries}. */
  @GuardedBy("this")
  private void remove(HostEntry entry) {
    entry.removed = true;
    if (entry.leaseCount == 0) {
      free(entry);
    }
  }

  @GuardedBy("this")
  private void free(HostEntry entry) {
    long byteCount = RangeAllocator.padded(entry.form.byteCount());
    ranges.release(entry.offset, byteCount);
    storedByteCount -= byteCount;
  }

  /** Keeps a chunk in its memory until closed. */
  public final class Lease implements HostKv, AutoCloseable {
    private final HostEntry entry;
    private boolean closed;

    private Lease(HostEntry entry) {
      this.entry = entry;
      if (entry.leaseCount++ == 0) {
        leasedByteCount += RangeAllocator.padded(entry.form.byteCount());
      }
    }

    /** Another lease of the same chunk. */
    public Lease again() {
      synchronized (HostTier.this) {
        return new Lease(entry);
      }
    }

    public ChunkKey key() {
      return entry.key;
    }

    @Override
    public KvForm form() {
      return entry.form;
    }

    @Override
    public ByteBuffer layer(int layer) {
      return memory.bytes(offset(layer), entry.form.layerByteCount());
    }

    @Override
    public ByteBuffer bytes(long offset, int byteCount) {
      return memory.bytes(entry.offset + offset, byteCount);
    }

    /** Where a layer begins in the memory of the tier. */
    public long offset(int layer) {
      return entry.offset + (long) layer * entry.form.layerByteCount();
    }

    public TierKind takeOrigin() {
      return entry.takeOrigin();
    }

    /** Bytes that have not arrived yet. */
    public long missingByteCount() {
      return entry.missingByteCount();
    }

    /** Waits for a layer. False if it will not arrive. */
    public boolean awaitLayer(int layer) {
      return entry.awaitLayer(layer);
    }

    /** Waits for all layers. False if they will not arrive. */
    public boolean await() {
      return awaitLayer(entry.form.layerCount() - 1);
    }

    /** By the filler: a layer holds its KV. Layers ascend. */
    public void arrived(int layer) {
      entry.arrived(layer);
    }

    /** By the filler, at the end. An incomplete chunk is removed. */
    public void filled(boolean complete) {
      if (!complete) {
        synchronized (HostTier.this) {
          if (entries.get(entry.key).map(listed -> listed == entry).orElse(false)) {
            entries.remove(entry.key);
            remove(entry);
          }
        }
      }
      entry.end(complete);
    }

    @Override
    public void close() {
      synchronized (HostTier.this) {
        if (closed) {
          return;
        }
        closed = true;
        if (--entry.leaseCount > 0) {
          return;
        }
        leasedByteCount -= RangeAllocator.padded(entry.form.byteCount());
        if (entry.removed) {
          free(entry);
        }
      }
    }
  }
}
