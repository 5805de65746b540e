package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.REUSE;
import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkKeys;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.chunks.tier.TierStatistics;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.testing.EngineFixture;
import ai.cacheblend.worker.testing.MemoryTier;
import com.google.common.base.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** An engine with tiers on the heap below the device. Tests set the fields before they open it. */
abstract class EngineTiersFixture {
  private static final int PAGE = 4096;

  /** Three layers, 24 bytes per token. */
  private static final KvShape SHAPE = new KvShape(3, 1, 2);

  MemoryTier disk = new MemoryTier(ForkJoinPool.commonPool());
  Optional<MemoryTier> store = Optional.empty();
  BatchLimits limits = new BatchLimits(1, 64);
  EngineCalls calls;

  @AfterEach
  void close() {
    calls.close();
  }

  void open(long deviceByteCount, int hostPageCount, WritePolicy policy) {
    List<ChunkTier> below = new ArrayList<>(List.of(disk));
    store.ifPresent(below::add);
    calls =
        new EngineCalls(
            EngineFixture.withTiers(
                limits,
                pool ->
                    new ChunkTiers(
                        deviceByteCount,
                        pool,
                        tokenCount ->
                            new KvForm(SHAPE, Element.BF16, tokenCount, KvEncoding.NATIVE),
                        Optional.of(
                            new HostTier(
                                pool.allocateHost((long) hostPageCount * PAGE),
                                Ticker.systemTicker())),
                        below,
                        policy,
                        Ticker.systemTicker())));
  }

  /** Waits until host memory is no longer leased by writes. */
  void settle() {
    await(() -> tier(TierKind.DISK).chunkCount() >= tier(TierKind.HOST).chunkCount());
  }

  static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  TierStatistics tier(TierKind kind) {
    return calls.engine.tierStatistics().stream()
        .filter(tier -> tier.kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  Map<TierKind, Integer> origins(String chunk) {
    return calls.run(generate(prompt(cached(chunk)), REUSE, 1)).chunkRows();
  }

  void demote(String chunk, TierKind to) {
    calls.engine.demote(List.of(key(chunk)), to, Interruption.NEVER).result().join();
  }

  byte[] content(String chunk) {
    try (ChunkStore.Lease lease =
        calls.fixture.store.lease(key(chunk), ChunkStore.Use.CHECK).orElseThrow()) {
      return calls.fixture.memory.content(lease.kv());
    }
  }

  static ChunkKey key(String chunk) {
    return new ChunkKeys(
            EngineFixture.MODEL.fingerprint(),
            EngineFixture.MODEL.dtype(),
            EngineFixture.MODEL.bosTokenId())
        .of(ids(chunk));
  }
}
