package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.REUSE;
import static ai.cacheblend.worker.engine.EngineCalls.assertFailure;
import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.LoadRates;
import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.forecast.LoadOptions;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.testing.MemoryTier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests whose chunks are loaded, lost on the way, or computed instead. */
@Timeout(15)
final class EngineLoadsTest extends EngineTiersFixture {
  @Test
  void corruptEntryIsComputedAgain() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("good", "broken");
    byte[] content = content("broken");
    demote("good", TierKind.DISK);
    demote("broken", TierKind.DISK);
    disk.truncate(key("broken"), 3 * 24 / 3);
    calls.tokens.clear();

    GenerateResult result =
        calls.run(generate(prompt(cached("good"), cached("broken"), plain("x")), REUSE, 2));

    assertThat(calls.text()).isEqualTo("yz");
    assertThat(result.newTokenCount()).isEqualTo(2);
    assertThat(result.chunkRows()).isEqualTo(Map.of(TierKind.DEVICE, 10));
    assertThat(content("broken")).isEqualTo(content);
    assertThat(tier(TierKind.DISK).corruptCount()).isEqualTo(1);
    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(3);
  }

  @Test
  void chunkWhoseTransferFailsIsComputedAgain() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("chunk");
    byte[] content = content("chunk");
    settle();
    demote("chunk", TierKind.HOST);
    calls.fixture.memory.failNextLoad(new OutOfMemoryError("native memory"));

    GenerateResult result = calls.run(generate(prompt(cached("chunk")), REUSE, 1));

    assertThat(result.chunkRows()).isEqualTo(Map.of(TierKind.DEVICE, 5));
    assertThat(content("chunk")).isEqualTo(content);
    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(2);
    calls.engine.reset(List.of(), Interruption.NEVER).result().join();
    assertThat(tier(TierKind.HOST).byteCount()).as("no lease is left").isZero();
  }

  @Test
  void corruptEntryIsComputedAgainForCheck() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("broken");
    demote("broken", TierKind.DISK);
    disk.truncate(key("broken"), 1);

    CheckResult result =
        calls
            .engine
            .check(
                new CheckCommand(prompt(cached("broken"), plain("x")), REUSE), Interruption.NEVER)
            .result()
            .join();

    assertThat(result.promptTokenCount()).isEqualTo(7);
    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(2);
  }

  @Test
  void chunkWithoutRoomInHostMemoryIsComputedAgain() {
    disk = new MemoryTier(Runnable::run); // no write holds the one page of host memory
    open(100_000, 1, WritePolicy.THROUGH);
    calls.collect("a", "b");
    demote("a", TierKind.DISK);
    demote("b", TierKind.DISK);

    GenerateResult result = calls.run(generate(prompt(cached("a"), cached("b")), REUSE, 1));

    assertThat(result.newTokenCount()).isEqualTo(1);
    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(3);
  }

  @Test
  void waitingRequestsReadAhead() throws InterruptedException {
    GenerateResult result = waiting(() -> {}, () -> tier(TierKind.DISK).hitCount() == 1);

    assertThat(result.chunkRows()).isEqualTo(Map.of(TierKind.DISK, 5));
  }

  /** The corrupt entry is gone when the request starts. */
  @Test
  void chunkThatIsLostWhileItsRequestWaitsIsComputedAgain() throws InterruptedException {
    GenerateResult result =
        waiting(
            () -> disk.truncate(key("later"), 1),
            () -> tier(TierKind.DISK).missCount() == 1 && tier(TierKind.HOST).chunkCount() == 0);

    assertThat(result.chunkRows()).isEqualTo(Map.of(TierKind.DEVICE, 5));
    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(2);
  }

  /** A request whose chunk is on disk, and that waits until the condition holds. */
  private GenerateResult waiting(Runnable before, BooleanSupplier condition)
      throws InterruptedException {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("later");
    demote("later", TierKind.DISK);
    before.run();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    calls.fixture.runner.beforeStep(
        step -> {
          running.countDown();
          try {
            released.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    Ticket<GenerateResult> first =
        calls.engine.generate(
            generate(prompt(plain("x")), EngineCalls.FULL, 1), token -> {}, Interruption.NEVER);
    running.await();
    Ticket<GenerateResult> second =
        calls.engine.generate(
            generate(prompt(cached("later")), REUSE, 1), token -> {}, Interruption.NEVER);
    await(condition);
    released.countDown();
    first.result().join();
    return second.result().join();
  }

  @Test
  void lostChunkThatAPromptHasTwiceIsComputedOnce() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("broken");
    demote("broken", TierKind.DISK);
    disk.truncate(key("broken"), 24);

    calls.run(generate(prompt(cached("broken"), cached("broken"), plain("x")), REUSE, 1));

    assertThat(calls.engine.chunkStatistics().computedCount()).isEqualTo(2);
  }

  @Test
  void throttledLoadWaits() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("slow");
    demote("slow", TierKind.HOST);
    GenerateCommand command = generate(prompt(cached("slow")), REUSE, 1);
    GenerateCommand throttled =
        with(command, new LoadOptions(OptionalLong.of(1), Optional.empty()));

    Ticket<GenerateResult> ticket =
        calls.engine.generate(throttled, token -> {}, Interruption.NEVER);

    awaitThreadIn(".LoadPace").interrupt();
    assertThat(ticket.result().join().chunkRows()).isEqualTo(Map.of(TierKind.HOST, 4));
  }

  /** Three shapes have to be measured. */
  @Test
  void predictionIsFromEarlierRequestsAlone() {
    open(1000, 4, WritePolicy.THROUGH);
    for (String text : List.of("a", "abcd", "abcdefghijkl")) {
      assertThat(calls.run(generate(prompt(plain(text)), EngineCalls.FULL, 1)).load().prediction())
          .isEmpty();
    }
    assertThat(calls.run(generate(prompt(plain("ab")), EngineCalls.FULL, 1)).load().prediction())
        .isPresent();
  }

  /** The rows of a chunk that would take too long are computed, and it stays where it is. */
  @Test
  void slowChunkIsComputedWhereThePolicyAllowsIt() {
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("slow", "near");
    demote("slow", TierKind.HOST);
    for (String other : List.of("a", "abcd", "abcdefghijkl", "abcdef")) { // to measure compute
      calls.run(generate(prompt(plain(other)), EngineCalls.FULL, 1));
    }
    GenerateCommand command =
        generate(prompt(cached("slow"), cached("near"), plain("x")), REUSE, 1);
    calls.tokens.clear();

    GenerateResult result =
        calls.run(with(command, new LoadOptions(OptionalLong.of(1), Optional.of(LoadPolicy.AUTO))));

    assertThat(result.load().recomputedSegments()).containsExactly(0);
    assertThat(result.chunkRows()).isEqualTo(Map.of(TierKind.DEVICE, 4));
    assertThat(result.rows().reused()).isEqualTo(4);
    assertThat(result.rows().computed()).isEqualTo(5);
    assertThat(result.load().loadNanos()).isZero();
    assertThat(result.load().prediction()).isPresent();
    assertThat(tier(TierKind.HOST).hitCount()).isZero();
    String text = calls.text();

    calls.tokens.clear();
    GenerateResult loaded = calls.run(command); // by the policy of the worker
    assertThat(loaded.load().recomputedSegments()).isEmpty();
    assertThat(loaded.chunkRows()).isEqualTo(Map.of(TierKind.HOST, 4, TierKind.DEVICE, 4));
    assertThat(loaded.load().loadNanos()).isPositive();
    assertThat(calls.text()).isEqualTo(text);
  }

  @Test
  void unknownChunkIsAnErrorUnderEveryPolicy() {
    open(1000, 4, WritePolicy.THROUGH);

    assertFailure(
        calls.engine.generate(
            with(
                generate(prompt(cached("none")), REUSE, 1),
                new LoadOptions(OptionalLong.of(1), Optional.of(LoadPolicy.AUTO))),
            token -> {},
            Interruption.NEVER),
        FailureKind.UNKNOWN_CHUNK,
        "Collect");
  }

  /** A load that has waited for storage does not measure the copies to the device. */
  @Test
  void eachStageOfALoadHasItsRate() {
    BlockingQueue<Runnable> held = new LinkedBlockingQueue<>();
    disk = new MemoryTier(held::add);
    limits = new BatchLimits(1, 64);
    open(1000, 4, WritePolicy.THROUGH);
    calls.collect("host", "disk");
    held.forEach(Runnable::run);
    held.clear();
    demote("host", TierKind.HOST);
    demote("disk", TierKind.DISK);
    LoadRates rates = calls.fixture.tiers.rates();
    OptionalLong limit = OptionalLong.of(1L << 50);

    calls.run(generate(prompt(cached("host")), REUSE, 1));
    await(() -> rates.link(OptionalLong.empty()).bytesPerSecond().isPresent());
    Ticket<GenerateResult> ticket =
        calls.engine.generate(
            with(
                generate(prompt(cached("disk")), REUSE, 1),
                new LoadOptions(limit, Optional.empty())),
            token -> {},
            Interruption.NEVER);
    Thread loader = awaitThreadIn(".HostEntry");
    assertThat(rates.storage(TierKind.DISK).bytesPerSecond()).isEmpty();
    held.forEach(Runnable::run);
    ticket.result().join();
    await(() -> rates.storage(TierKind.DISK).bytesPerSecond().isPresent());
    await(() -> tier(TierKind.HOST).hitCount() == 2);

    assertThat(loader.getName()).startsWith("chunk-load");
    calls.close(); // after the last load
    assertThat(rates.link(limit).bytesPerSecond()).isEmpty();
    open(1000, 4, WritePolicy.THROUGH);
  }

  private static GenerateCommand with(GenerateCommand command, LoadOptions loads) {
    return new GenerateCommand(
        command.prompt(),
        command.arm(),
        command.maxNewTokens(),
        command.sampling(),
        command.stop(),
        command.returnOptions(),
        loads);
  }

  /** The thread of a load that waits in this class. */
  private static Thread awaitThreadIn(String className) {
    while (true) {
      for (Map.Entry<Thread, StackTraceElement[]> thread : Thread.getAllStackTraces().entrySet()) {
        for (StackTraceElement frame : thread.getValue()) {
          if (frame.getClassName().endsWith(className)) {
            return thread.getKey();
          }
        }
      }
      Thread.onSpinWait();
    }
  }
}
