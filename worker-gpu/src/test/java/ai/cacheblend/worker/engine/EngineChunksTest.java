package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.REUSE;
import static ai.cacheblend.worker.engine.EngineCalls.assertFailure;
import static ai.cacheblend.worker.engine.EngineCalls.deviation;
import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.testing.ByteCodec;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Collection and use of stored chunks. */
final class EngineChunksTest {
  private final EngineCalls calls = new EngineCalls();

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void unknownChunkIsReportedWithoutSideEffects() {
    calls.collect("known");

    assertFailure(
        calls.engine.generate(
            generate(prompt(cached("known"), cached("other")), REUSE, 1),
            calls.tokens::add,
            Interruption.NEVER),
        FailureKind.UNKNOWN_CHUNK,
        "segments[1]",
        "Collect");

    assertThat(calls.engine.reset(List.of(), Interruption.NEVER).result().join().chunkCount())
        .isEqualTo(1);
    assertThat(calls.fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void collectIsIdempotentWithinAndAcrossRequests() {
    CollectResult first = calls.collect("one", "two", "one");

    assertThat(first.chunks())
        .extracting(CollectResult.Chunk::hit)
        .containsExactly(false, false, true);
    assertThat(first.chunks().get(0).computeNanos()).isPositive();
    assertThat(first.chunks().get(2).computeNanos()).isZero();
    assertThat(calls.collect("two").chunks().get(0).hit()).isTrue();
    assertThat(calls.steps()).hasSize(2);
    assertThat(calls.steps().get(0).tokenIds())
        .isEqualTo(ImmutableIntArray.builder().add(ByteCodec.BOS).addAll(ids("one")).build());
    assertThat(calls.engine.chunkStatistics().hitCount()).isEqualTo(2);
  }

  @Test
  void chunksOfOneRequestNeverEvictEachOther() {
    try (EngineFixture small = new EngineFixture(8, 90)) {
      assertFailure(
          small.engine.collect(List.of(ids("four"), ids("five"), ids("six!")), Interruption.NEVER),
          FailureKind.CAPACITY_EXCEEDED,
          "--chunk-memory");
      // What was stored before the failure stays, and gives way to later requests.
      assertThat(small.engine.chunkStatistics().chunkCount()).isEqualTo(2);
      small.engine.collect(List.of(ids("six!")), Interruption.NEVER).result().join();
      assertThat(small.engine.chunkStatistics().evictedCount()).isEqualTo(1);
    }
  }

  @Test
  void chunkWithoutASequenceEvictsNothing() {
    try (EngineFixture small = new EngineFixture(8, 40)) {
      small.engine.collect(List.of(ids("four")), Interruption.NEVER).result().join();
      try (KvSequence other = small.memory.reserve(400)) {
        assertThat(other.handle()).isPositive();
        assertFailure(
            small.engine.collect(List.of(ids("five")), Interruption.NEVER),
            FailureKind.CAPACITY_EXCEEDED,
            "0 free");
      }
      assertThat(small.engine.chunkStatistics().evictedCount()).isZero();
    }
  }

  @Test
  void chunkWhoseComputationFailsIsNotStored() {
    calls.fixture.runner.beforeStep(
        step -> {
          throw new ModelFailureException("boom");
        });

    assertFailure(
        calls.engine.collect(List.of(ids("abc")), Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "boom");

    assertThat(calls.engine.chunkStatistics().chunkCount()).isZero();
    assertThat(calls.fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void checkReportsSelectionWithoutSideEffects() {
    calls.collect("ab", "cd");
    var before = calls.engine.chunkStatistics();

    CheckResult result =
        calls
            .engine
            .check(
                new CheckCommand(
                    prompt(cached("ab"), plain("-"), cached("cd")),
                    deviation(new CheckStep(1, 0.5))),
                Interruption.NEVER)
            .result()
            .join();

    assertThat(result.chunks()).extracting(CheckResult.Chunk::segmentIndex).containsExactly(0, 2);
    assertThat(result.chunks()).extracting(CheckResult.Chunk::firstPosition).containsExactly(0, 3);
    assertThat(result.promptTokenCount()).isEqualTo(5);
    // The last row is cached, and forced all the same.
    assertThat(result.eligibleTokenCount()).isEqualTo(3);
    assertThat(result.rows().computed()).isEqualTo(2);
    assertThat(result.activePositions().asList()).containsExactly(1, 2, 3, 4);
    assertThat(result.layerScores().get(0).positions().asList()).containsExactly(0, 1, 3);
    assertThat(calls.engine.chunkStatistics()).isEqualTo(before);
  }
}
