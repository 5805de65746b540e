package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.REUSE;
import static ai.cacheblend.worker.engine.EngineCalls.assertFailure;
import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.WantedChunk;
import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.testing.MemoryTier;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chunks that move between the device and the tiers below. */
@Timeout(15)
final class EngineTiersTest extends EngineTiersFixture {
  @Test
  void writtenThroughToEveryTier() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("one", "two");
    settle();

    assertThat(tier(TierKind.HOST).chunkCount()).isEqualTo(2);
    assertThat(tier(TierKind.DISK).chunkCount()).isEqualTo(2);
    assertThat(tier(TierKind.HOST).writtenByteCount()).isEqualTo(2 * 3 * 24);
  }

  @Test
  void writtenBackWhenTheDeviceEvicts() {
    open(2 * 3 * 24, 4, WritePolicy.BACK);
    calls.collect("one", "two");
    assertThat(tier(TierKind.HOST).chunkCount()).isZero();

    calls.collect("six");

    assertThat(tier(TierKind.HOST).chunkCount()).isEqualTo(1);
    assertThat(calls.collect("one").chunks().get(0).hit()).isTrue();
    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(3);
    assertThat(origins("one")).isEqualTo(Map.of(TierKind.HOST, 3));
  }

  @Test
  void usedChunksMoveToTheDeviceUnchanged() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("chunk");
    byte[] content = content("chunk");
    demote("chunk", TierKind.HOST);
    assertThat(calls.engine.chunkStatistics().chunkCount()).isZero();

    assertThat(origins("chunk")).isEqualTo(Map.of(TierKind.HOST, 5));
    assertThat(content("chunk")).isEqualTo(content);
    assertThat(origins("chunk")).isEqualTo(Map.of(TierKind.DEVICE, 5));
    assertThat(tier(TierKind.HOST).hitCount()).isEqualTo(1);
    assertThat(tier(TierKind.HOST).readByteCount()).isEqualTo(5 * 24);
  }

  @Test
  void chunksComeFromTheTierThatHasThem() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("first", "2nd", "3rd");
    byte[] content = content("2nd");
    demote("2nd", TierKind.DISK);
    demote("first", TierKind.HOST);

    GenerateResult result =
        calls.run(
            generate(
                prompt(cached("first"), cached("2nd"), cached("3rd"), cached("2nd")), REUSE, 1));

    assertThat(result.chunkRows())
        .isEqualTo(Map.of(TierKind.HOST, 5, TierKind.DISK, 6, TierKind.DEVICE, 3));
    assertThat(content("2nd")).isEqualTo(content);
    assertThat(tier(TierKind.DISK).hitCount()).isEqualTo(1);
  }

  @Test
  void resetDropsChunksFromEveryTier() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("one", "two");
    settle();

    calls.engine.reset(List.of(key("one")), Interruption.NEVER).result().join();
    assertThat(tier(TierKind.HOST).chunkCount()).isEqualTo(1);
    assertThat(tier(TierKind.DISK).chunkCount()).isEqualTo(1);

    calls.engine.reset(List.of(), Interruption.NEVER).result().join();
    assertThat(tier(TierKind.HOST).chunkCount()).isZero();
    assertThat(tier(TierKind.DISK).chunkCount()).isZero();
  }

  @Test
  void refusedDemotionsSayWhy() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("one");

    assertFailure(
        calls.engine.demote(List.of(key("one")), TierKind.STORE, Interruption.NEVER),
        FailureKind.TIER_UNAVAILABLE,
        "tier is store",
        "--host-memory");
    assertFailure(
        calls.engine.demote(List.of(key("other")), TierKind.HOST, Interruption.NEVER),
        FailureKind.UNKNOWN_CHUNK,
        "Collect");
    assertThat(calls.engine.chunkStatistics().chunkCount()).isEqualTo(1);
  }

  /** A change of the stored KV waits for its writes on other threads than the steps. */
  @Test
  void slowStorageDoesNotDelayOtherRequests() {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    disk = new MemoryTier(held::add);
    limits = new BatchLimits(4, 64);
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("one", "two");
    Ticket<Void> demotion =
        calls.engine.demote(List.of(key("one")), TierKind.DISK, Interruption.NEVER);
    Ticket<ResetResult> reset = calls.engine.reset(List.of(key("two")), Interruption.NEVER);

    calls.run(generate(prompt(plain("x")), EngineCalls.FULL, 1));

    assertThat(demotion.result()).isNotDone();
    assertThat(reset.result()).isNotDone();
    held.forEach(Runnable::run);
    demotion.result().join();
    assertThat(reset.result().join().chunkCount()).isEqualTo(1);
    assertThat(disk.contains(key("one"))).isTrue();
    assertThat(disk.contains(key("two"))).isFalse();
    assertThat(tier(TierKind.HOST).chunkCount()).isZero();
    assertThat(calls.engine.chunkStatistics().chunkCount()).isZero();
  }

  /** A late read ahead would bring the chunk back to host memory. */
  @Test
  void demotionWaitsForReadsAhead() throws InterruptedException {
    CountDownLatch lookedUp = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    limits = new BatchLimits(4, 64);
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("late");
    demote("late", TierKind.DISK);
    disk.beforeLookUp(
        () -> {
          if (lookedUp.getCount() > 0) {
            lookedUp.countDown();
            Uninterruptibles.awaitUninterruptibly(released);
          }
        });
    calls.fixture.tiers.prefetch(List.of(new WantedChunk(key("late"), 4)));
    lookedUp.await();

    Ticket<Void> demotion =
        calls.engine.demote(List.of(key("late")), TierKind.DISK, Interruption.NEVER);
    calls.run(generate(prompt(plain("x")), EngineCalls.FULL, 1)); // it has started
    released.countDown();
    demotion.result().join();

    assertThat(tier(TierKind.HOST).chunkCount()).isZero();
  }

  @Test
  void demotionDropsTheChunkFromEveryTierAbove() {
    store = Optional.of(new MemoryTier(TierKind.STORE, ForkJoinPool.commonPool()));
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("chunk");

    demote("chunk", TierKind.STORE);

    assertThat(tier(TierKind.HOST).chunkCount()).isZero();
    assertThat(tier(TierKind.DISK).chunkCount()).isZero();
    assertThat(tier(TierKind.STORE).chunkCount()).isEqualTo(1);
    assertThat(origins("chunk")).isEqualTo(Map.of(TierKind.STORE, 5));
  }
}
