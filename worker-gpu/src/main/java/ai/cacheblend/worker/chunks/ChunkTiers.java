package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.ChunkStore.Use;
import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.chunks.tier.TierStatistics;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvTransfer;
import ai.cacheblend.worker.kv.StoredKv;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Stored chunks on the device, in host memory, and in the tiers below. Chunks move down when they
 * are computed or evicted, and up when they are used. Thread-safe; {@link #hold}, {@link #stored}
 * and {@link #drop} are for the scheduler thread.
 */
public final class ChunkTiers implements AutoCloseable {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

  private final ChunkStore device;
  private final KvPool pool;
  private final IntFunction<KvForm> forms;
  private final Optional<HostTier> host;
  private final List<ChunkTier> below;
  private final WritePolicy policy;
  private final Ticker ticker;

  private final LostChunks lost = new LostChunks();
  private final LoadRates rates;
  private final ChunkLookup lookup;
  private final ChunkWrites writes;

  /** Writes to the tiers below, and reads ahead. */
  private final RunningMoves moves = new RunningMoves();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          new ThreadFactoryBuilder().setNameFormat("chunk-load-%d").setDaemon(true).build());

  /** Chunks on the device alone. Closes nothing but its own threads and the chunks. */
  public static ChunkTiers deviceOnly(long budgetByteCount, KvPool pool) {
    return new ChunkTiers(
        budgetByteCount,
        pool,
        unused -> null,
        Optional.empty(),
        List.of(),
        WritePolicy.THROUGH,
        Ticker.systemTicker());
  }

  /**
   * @param budgetByteCount of chunks on the device
   * @param forms layout of a chunk with this many tokens, in one encoding
   * @param host owned; needed where there are tiers below
   * @param below owned, the fastest first
   */
  public ChunkTiers(
      long budgetByteCount,
      KvPool pool,
      IntFunction<KvForm> forms,
      Optional<HostTier> host,
      List<ChunkTier> below,
      WritePolicy policy,
      Ticker ticker) {
    this.device = new ChunkStore(budgetByteCount, this::evicted);
    this.pool = pool;
    this.forms = forms;
    this.host = host;
    this.below = List.copyOf(below);
    this.policy = policy;
    this.ticker = ticker;
    this.rates = new LoadRates(ticker);
    this.lookup = new ChunkLookup(host, this.below, forms, lost, rates);
    this.writes = new ChunkWrites(host, this.below, forms, lookup, moves);
  }

  /** The chunks on the device. */
  public ChunkStore device() {
    return device;
  }

  /** Number format of chunks below the device; empty without tiers. */
  public Optional<KvEncoding> encoding() {
    return host.map(tier -> forms.apply(1).encoding());
  }

  /** Whether a tier has the chunk. */
  public boolean contains(ChunkKey key) {
    return device.contains(key) || lookup.contains(key);
  }

  /** Whether a tier has the chunk, or had it and could not return it. */
  public boolean knows(ChunkKey key) {
    return lost.contains(key) || contains(key);
  }

  /** Where a chunk is; empty if no tier has it. */
  public Optional<ChunkLocation> locate(WantedChunk chunk) {
    return device.contains(chunk.key())
        ? Optional.of(
            new ChunkLocation(TierKind.DEVICE, pool.chunkByteCount(chunk.tokenCount()), 0))
        : lookup.locate(chunk);
  }

  /** The rates of loads so far. */
  public LoadRates rates() {
    return rates;
  }

  /**
   * Leases chunks, and begins to load those that are not on the device. Empty for a chunk that no
   * tier has, or that finds no room in host memory on its way up.
   *
   * @param bytesPerSecond limit of the rate at which they are loaded
   * @throws KvExhaustedException if the device has too little memory; nothing is leased then
   */
  public List<Optional<HeldChunk>> hold(
      List<WantedChunk> wanted, Use use, OptionalLong bytesPerSecond) {
    Map<ChunkKey, HeldChunk> held = new LinkedHashMap<>();
    Map<ChunkKey, HostTier.Lease> sources = new LinkedHashMap<>();
    try {
      for (WantedChunk chunk : wanted) {
        if (held.containsKey(chunk.key()) || sources.containsKey(chunk.key())) {
          continue;
        }
        Optional<ChunkStore.Lease> resident = device.lease(chunk.key(), use);
        if (resident.isPresent()) {
          held.put(chunk.key(), HeldChunk.resident(resident.get()));
        } else {
          lookup.find(chunk).ifPresent(lease -> sources.put(chunk.key(), lease));
        }
      }
      if (!sources.isEmpty()) {
        load(sources, held, bytesPerSecond);
      }
    } catch (Throwable t) {
      held.values().forEach(HeldChunk::close);
      sources.values().forEach(HostTier.Lease::close);
      throw t;
    }
    return inOrder(wanted, held);
  }

  /** One lease for each occurrence of a chunk. */
  private List<Optional<HeldChunk>> inOrder(
      List<WantedChunk> wanted, Map<ChunkKey, HeldChunk> held) {
    List<Optional<HeldChunk>> result = new ArrayList<>();
    Set<ChunkKey> used = new LinkedHashSet<>();
    for (WantedChunk chunk : wanted) {
      HeldChunk first = held.get(chunk.key());
      if (first == null || used.add(chunk.key())) {
        result.add(Optional.ofNullable(first));
      } else {
        result.add(Optional.of(first.again()));
      }
    }
    return result;
  }

  /**
   * @param sources owned by the loader once it runs; empty then
   */
  private void load(
      Map<ChunkKey, HostTier.Lease> sources,
      Map<ChunkKey, HeldChunk> held,
      OptionalLong bytesPerSecond) {
    List<ChunkStore.Reservation> rooms = new ArrayList<>();
    List<StoredKv> targets = new ArrayList<>();
    try {
      for (HostTier.Lease source : sources.values()) {
        rooms.add(device.reserve(pool.chunkByteCount(source.form().tokenCount())));
        targets.add(pool.allocateChunk(source.form().tokenCount()));
      }
      KvForm form = sources.values().iterator().next().form();
      KvTransfer transfer = pool.load(host.orElseThrow().memory(), targets, form.encoding());
      LoadTimer timer = new LoadTimer(ticker);
      List<ChunkLoader.Load> loads = new ArrayList<>();
      for (HostTier.Lease source : sources.values()) {
        LoadState state = new LoadState();
        StoredKv target = targets.get(loads.size());
        ChunkStore.Lease lease = rooms.get(loads.size()).commit(source.key(), target, state);
        held.put(
            source.key(), new HeldChunk(lease, ChunkLocation.taken(source), Optional.of(timer)));
        loads.add(new ChunkLoader.Load(source, target, state));
      }
      sources.clear();
      targets.clear();
      threads.execute(
          new ChunkLoader(
              loads,
              transfer,
              host.orElseThrow(),
              new LoadPace(bytesPerSecond),
              timer,
              rates.link(bytesPerSecond),
              device::discard));
    } finally {
      targets.forEach(StoredKv::close);
      rooms.forEach(ChunkStore.Reservation::close);
    }
  }

  /** Whether there are tiers that {@link #prefetch} reads from. */
  public boolean prefetches() {
    return !below.isEmpty();
  }

  /** Begins to read chunks from the tiers below host memory. Does not block. */
  public void prefetch(List<WantedChunk> wanted) {
    moves.add(
        CompletableFuture.runAsync(
            () -> {
              for (WantedChunk chunk : wanted) {
                if (!device.contains(chunk.key())) {
                  lookup.find(chunk).ifPresent(HostTier.Lease::close);
                }
              }
            },
            threads));
  }

  /** Of a chunk that was computed and has been committed to the device. */
  public void stored(ChunkKey key, StoredKv kv) {
    lost.remove(List.of(key));
    if (policy == WritePolicy.THROUGH) {
      writes.writeDown(key, kv);
    }
  }

  private void evicted(ChunkKey key, StoredKv kv) {
    try {
      writes.writeDown(key, kv);
    } finally {
      kv.close();
    }
  }

  /**
   * Moves a chunk down: writes it to a tier below the device unless it is there, and drops it from
   * the tiers above. Does not block. Nothing is dropped unless the result is DONE.
   */
  public CompletableFuture<Demotion> demote(ChunkKey key, TierKind to) {
    Optional<ChunkTier> target = below.stream().filter(tier -> tier.kind() == to).findFirst();
    if (host.isEmpty() || (to != TierKind.HOST && target.isEmpty())) {
      return CompletableFuture.completedFuture(Demotion.NO_SUCH_TIER);
    }
    return CompletableFuture.supplyAsync(() -> demoteNow(key, to, target), threads);
  }

  /** To host memory, where there is no target. */
  private Demotion demoteNow(ChunkKey key, TierKind to, Optional<ChunkTier> target) {
    moves.await(); // a write of this chunk, or a read ahead that would bring it back
    boolean present = target.map(tier -> tier.contains(key)).orElse(host.get().contains(key));
    if (!present) {
      Optional<HostTier.Lease> source = inHostMemory(key);
      if (source.isEmpty()) {
        return device.contains(key) ? Demotion.NOT_WRITTEN : Demotion.UNKNOWN_CHUNK;
      }
      try (HostTier.Lease from = source.get()) {
        if (!from.await() || !target.map(tier -> writes.toTier(tier, from).join()).orElse(true)) {
          return Demotion.NOT_WRITTEN;
        }
      }
    }
    device.drop(List.of(key));
    if (to != TierKind.HOST) {
      host.get().remove(List.of(key));
      below.stream().takeWhile(tier -> tier.kind() != to).forEach(tier -> tier.remove(key));
    }
    return Demotion.DONE;
  }

  private Optional<HostTier.Lease> inHostMemory(ChunkKey key) {
    Optional<HostTier.Lease> present = host.orElseThrow().lease(key);
    if (present.isPresent()) {
      return present;
    }
    try (ChunkStore.Lease lease = device.lease(key, Use.CHECK).orElse(null)) {
      return lease == null
          ? Optional.empty()
          : writes.toHost(key, lease.kv()).or(() -> host.get().lease(key)); // added meanwhile
    }
  }

  /**
   * Drops chunks from all tiers by key; ignores unknown keys. Does not block. The result is what
   * the device has dropped.
   */
  public CompletableFuture<ChunkStore.Dropped> drop(Collection<ChunkKey> keys) {
    return drop(
        () -> {
          lost.remove(keys);
          host.ifPresent(tier -> tier.remove(keys));
          return device.drop(keys);
        },
        tier -> keys.forEach(tier::remove));
  }

  /** As {@link #drop}, for all chunks of this model. */
  public CompletableFuture<ChunkStore.Dropped> dropAll() {
    return drop(
        () -> {
          lost.clear();
          host.ifPresent(tier -> tier.remove(tier.keys()));
          return device.dropAll();
        },
        ChunkTier::removeAll);
  }

  private CompletableFuture<ChunkStore.Dropped> drop(
      Supplier<ChunkStore.Dropped> fromMemory, Consumer<ChunkTier> fromTier) {
    ChunkStore.Dropped dropped = fromMemory.get();
    if (below.isEmpty()) {
      return CompletableFuture.completedFuture(dropped);
    }
    return CompletableFuture.supplyAsync(
        () -> {
          moves.await(); // a write that ends later would bring a dropped chunk back
          below.forEach(fromTier);
          var unused = fromMemory.get(); // requests may have loaded chunks meanwhile
          return dropped;
        },
        threads);
  }

  /** Of the tiers below the device. */
  public List<TierStatistics> statistics() {
    List<TierStatistics> statistics = new ArrayList<>();
    host.ifPresent(tier -> statistics.add(tier.statistics()));
    below.forEach(tier -> statistics.add(tier.statistics()));
    return statistics;
  }

  /** Ends loads and writes, then drops the chunks on the device and in host memory. */
  @Override
  public void close() {
    below.forEach(ChunkTier::close);
    MoreExecutors.shutdownAndAwaitTermination(threads, CLOSE_LIMIT);
    device.close();
    host.ifPresent(HostTier::close);
  }
}
