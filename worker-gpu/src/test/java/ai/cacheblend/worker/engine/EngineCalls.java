package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;

/** Calls of an engine over fakes, and what they return. */
final class EngineCalls implements AutoCloseable {
  static final Arm FULL = new Arm.FullPrefill();
  static final Arm REUSE = new Arm.FullKvReuse();

  final EngineFixture fixture;
  final Engine engine;

  /** New tokens of all {@link #run} calls. */
  final List<NewToken> tokens = new ArrayList<>();

  EngineCalls() {
    this(new EngineFixture());
  }

  EngineCalls(EngineFixture fixture) {
    this.fixture = fixture;
    this.engine = fixture.engine;
  }

  /** Also verifies that all memory has been released. */
  @Override
  public void close() {
    fixture.close();
    assertThat(engine.poolStatistics().reservedBlockCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  CollectResult collect(String... chunks) {
    List<ImmutableIntArray> ids = new ArrayList<>();
    for (String chunk : chunks) {
      ids.add(ids(chunk));
    }
    return engine.collect(ids, Interruption.NEVER).result().join();
  }

  GenerateResult run(GenerateCommand command) {
    return engine.generate(command, tokens::add, Interruption.NEVER).result().join();
  }

  String text() {
    StringBuilder text = new StringBuilder();
    tokens.forEach(token -> text.append(token.text()));
    return text.toString();
  }

  List<SequenceStep> steps() {
    return fixture.runner.steps();
  }

  static Arm deviation(CheckStep... schedule) {
    return new Arm.CacheBlend(new Selector.Deviation(Tensor.VALUE, List.of(schedule)));
  }

  static void assertFailure(Ticket<?> ticket, FailureKind kind, String... parts) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> ticket.result().join())
        .havingCause()
        .isInstanceOf(WorkerException.class)
        .satisfies(e -> assertThat(((WorkerException) e).kind()).isEqualTo(kind))
        .withMessageContainingAll(parts);
  }
}
