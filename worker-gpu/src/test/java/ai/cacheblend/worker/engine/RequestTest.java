package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkStore;
import ai.cacheblend.worker.forecast.LoadPolicy;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.model.Step;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The requests as state machines, without a scheduler. */
class RequestTest {
  private final EngineFixture fixture = new EngineFixture();
  private final Resources resources =
      new Resources(
          EngineFixture.MODEL,
          fixture.codec,
          fixture.memory,
          fixture.tiers,
          LoadPolicy.LOAD,
          Ticker.systemTicker());
  private final List<Integer> tokens = new ArrayList<>();

  @AfterEach
  void close() {
    fixture.close();
    assertThat(fixture.memory.statistics().reservedBlockCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void generationPrefillsDecodesAndEnds() {
    Generation request = generation(generate(prompt(plain("xyz")), new Arm.FullPrefill(), 3));
    assertThat(request.state()).isEqualTo(RequestState.WAITING);

    request.start(0);
    assertThat(request.state()).isEqualTo(RequestState.PREFILL);
    assertThat(fixture.memory.statistics().reservedBlockCount()).isPositive();

    assertThat(step(request).positions()).isEqualTo(Positions.upTo(3));
    assertThat(request.state()).isEqualTo(RequestState.DECODING);
    SequenceStep decode = step(request);
    assertThat(decode.positions()).isEqualTo(Positions.only(3));
    assertThat(decode.tokenIds()).isEqualTo(ids("{"));
    assertThat(request.state()).isEqualTo(RequestState.DECODING);
    step(request);
    assertThat(request.state()).isEqualTo(RequestState.ENDED);

    assertThat(request.result().newTokenCount()).isEqualTo(3);
    assertThat(tokens).containsExactly((int) '{', (int) '|', (int) '}');
    request.close();
    request.close();
  }

  @Test
  void generationOfOneTokenEndsAfterPrefill() {
    Generation request = generation(generate(prompt(plain("a")), new Arm.FullPrefill(), 1));
    request.start(0);
    step(request);

    assertThat(request.state()).isEqualTo(RequestState.ENDED);
    request.close();
  }

  @Test
  void tokensAreChosenFromLogitsOnAnyThreadAndSentAfterwards() {
    ReturnOptions logprobs = new ReturnOptions(true, 2, 0, false, false);
    assertTwoSampledTokens(new Sampling(1, 1, 7), ReturnOptions.NONE);
    assertTwoSampledTokens(new Sampling(0.5, 0.9, 7), ReturnOptions.NONE);
    assertTwoSampledTokens(Sampling.GREEDY, logprobs);
  }

  private void assertTwoSampledTokens(Sampling sampled, ReturnOptions options) {
    tokens.clear();
    Generation request = generation(abc(sampled, options));
    request.start(0);
    for (int i = 1; i <= 2; i++) {
      advance(request);
      request.pending().orElseThrow().run();
      assertThat(tokens).hasSize(i - 1);
      request.settle();
      assertThat(request.pending()).isEmpty();
      assertThat(tokens).hasSize(i);
    }
    assertThat(request.state()).isEqualTo(RequestState.ENDED);
    request.close();
  }

  @Test
  void greedyTokensNeedNoOtherThread() {
    Generation request = generation(abc(Sampling.GREEDY, ReturnOptions.NONE));
    request.start(0);
    advance(request);
    assertThat(request.pending()).isEmpty();
    assertThat(tokens).hasSize(1);
    request.close();
  }

  @Test
  void timesOfGreedyTokensEndBeforeTheirTextIsDecoded() {
    ManualTicker ticker = new ManualTicker();
    fixture.codec.beforeDecode(() -> ticker.advance(Duration.ofMillis(1)));
    Resources timed =
        new Resources(
            EngineFixture.MODEL,
            fixture.codec,
            fixture.memory,
            fixture.tiers,
            LoadPolicy.LOAD,
            ticker);
    Generation request =
        new Generation(timed, abc(Sampling.GREEDY, ReturnOptions.NONE), token -> {});
    request.start(0);
    advance(request);
    long decoded = ticker.read();
    advance(request);

    assertThat(decoded).isPositive();
    assertThat(request.result().durations().ttftNanos()).isZero();
    assertThat(request.result().durations().decodeNanos()).isEqualTo(decoded);
    request.close();
  }

  private static GenerateCommand abc(Sampling sampled, ReturnOptions options) {
    return new GenerateCommand(
        prompt(plain("abc")), new Arm.FullPrefill(), 2, sampled, StopConditions.NONE, options);
  }

  @Test
  void requestClosedBeforeItsTokenIsChosenReleasesEverythingAndSendsNothing() {
    Generation request = generation(abc(new Sampling(1, 1, 7), ReturnOptions.NONE));
    request.start(0);
    advance(request);
    request.close();
    assertThat(fixture.memory.statistics().reservedBlockCount()).isZero();

    request.pending().orElseThrow().run();
    assertThat(tokens).isEmpty();
  }

  @Test
  void requestClosedWhileDecodingReleasesEverything() {
    collect("abc");
    Generation request =
        generation(generate(prompt(cached("abc"), plain("?")), new Arm.FullKvReuse(), 9));
    request.start(0);
    step(request);
    request.close();

    assertThat(fixture.memory.statistics().reservedBlockCount()).isZero();
    assertThat(fixture.store.dropAll().chunkCount()).isEqualTo(1);
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void collectionTakesOnePrefillPerMissingChunk() {
    collect("two");
    ChunkCollection request =
        new ChunkCollection(resources, List.of(ids("one"), ids("two"), ids("three")));
    request.start(0);
    step(request);
    assertThat(request.state()).isEqualTo(RequestState.PREFILL);
    step(request);
    assertThat(request.state()).isEqualTo(RequestState.ENDED);
    assertThat(request.result().chunks())
        .extracting(CollectResult.Chunk::hit)
        .containsExactly(false, true, false);
    request.close();
  }

  @Test
  void collectionOfStoredChunksEndsImmediately() {
    collect("one");
    ChunkCollection request = new ChunkCollection(resources, List.of(ids("one")));
    request.start(0);

    assertThat(request.state()).isEqualTo(RequestState.ENDED);
    request.close();
  }

  @Test
  void collectionClosedBeforeItsStepStoresNothing() {
    ChunkCollection request = new ChunkCollection(resources, List.of(ids("one")));
    request.start(0);
    request.close();

    assertThat(fixture.store.statistics().chunkCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void endedRequestDoesNotStartAgain() {
    StoreRequest<Integer> request = new StoreRequest<>(() -> completedFuture(1));
    request.start(0);

    assertThatIllegalStateException().isThrownBy(() -> request.start(0));
  }

  @Test
  void requestWithoutKvMemoryReleasesItsLeases() {
    collect("abc");
    Generation request =
        generation(generate(prompt(cached("abc"), plain("?")), new Arm.FullKvReuse(), 1000));

    assertThatExceptionOfType(KvExhaustedException.class).isThrownBy(() -> request.start(0));

    assertNoLeases();
  }

  @Test
  void errorWhileLeasingReleasesTheLeases() {
    collect("abc");
    Iterator<ChunkKey> keys = List.of(resources.keys().of(ids("abc"))).iterator();
    Prompt twoChunks = prompt(cached("abc"), cached("abc"));

    assertThatExceptionOfType(NoSuchElementException.class)
        .isThrownBy(
            () ->
                PromptChunks.lease(
                    twoChunks,
                    new Arm.FullKvReuse(),
                    ids -> keys.next(),
                    fixture.tiers,
                    ChunkStore.Use.GENERATE,
                    OptionalLong.empty()));

    assertNoLeases();
  }

  /** A leased chunk is freed only when its lease ends. */
  private void assertNoLeases() {
    fixture.store.dropAll();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  private Generation generation(GenerateCommand command) {
    return new Generation(resources, command, token -> tokens.add(token.tokenId()));
  }

  private void collect(String chunk) {
    ChunkCollection request = new ChunkCollection(resources, List.of(ids(chunk)));
    request.start(0);
    step(request);
    request.close();
  }

  private SequenceStep step(Request<?> request) {
    SequenceStep step = advance(request);
    request
        .pending()
        .ifPresent(
            work -> {
              work.run();
              request.settle();
            });
    return step;
  }

  /** A step, but for the token. */
  @CanIgnoreReturnValue
  private SequenceStep advance(Request<?> request) {
    SequenceStep step = request.nextStep(request.demand().rowCount());
    request.advance(fixture.runner.run(Step.of(step)).get(0));
    return step;
  }
}
