package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.blend.Selector.Tensor;
import ai.cacheblend.worker.engine.GenerateResult.Reason;
import ai.cacheblend.worker.kv.KvSequence;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.testing.ByteCodec;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EngineTest {
  private static final Arm FULL = new Arm.FullPrefill();
  private static final Arm REUSE = new Arm.FullKvReuse();

  private final EngineFixture fixture = new EngineFixture();
  private final Engine engine = fixture.engine;
  private final List<NewToken> tokens = new ArrayList<>();

  @AfterEach
  void everythingIsFreeAgain() {
    fixture.close();
    assertThat(engine.poolStatistics().reservedBlockCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void fullPrefillComputesAllRowsAndStreamsTokens() {
    GenerateResult result = run(generate(prompt(plain("xyz"), cached("a")), FULL, 3));

    assertThat(text()).isEqualTo("bcd");
    assertThat(result.reason()).isEqualTo(Reason.MAX_NEW_TOKENS);
    assertThat(result.rows()).isEqualTo(new RowCounts(4, 0, 0, 4));
    assertThat(result.newTokenCount()).isEqualTo(3);
    assertThat(steps())
        .extracting(SequenceStep::positions)
        .containsExactly(Positions.upTo(4), Positions.only(4), Positions.only(5));
    assertThat(steps().get(1).tokenIds()).isEqualTo(ids("b"));
  }

  @Test
  void reuseRunsForcedRowsOnly() {
    collect("hello", "world");
    int before = steps().size();

    GenerateResult result =
        run(
            generate(
                prompt(plain("<"), cached("hello"), plain("|"), cached("world"), plain(">")),
                REUSE,
                1));

    assertThat(result.rows()).isEqualTo(new RowCounts(13, 10, 0, 3));
    assertThat(steps().get(before).positions())
        .isEqualTo(new Positions.Listed(ImmutableIntArray.of(0, 6, 12)));
    assertThat(steps().get(before).tokenIds()).isEqualTo(ids("<|>"));
    assertThat(result.durations().kvLoad().busyNanos()).as("rows placed").isEqualTo(10);
  }

  @Test
  void blendFiltersAtTheScheduledLayersAndReportsScores() {
    collect("adcb", "zyx");
    Arm blend = deviation(new CheckStep(1, 0.5), new CheckStep(2, 0.25));
    GenerateCommand command =
        new GenerateCommand(
            prompt(plain("<"), cached("adcb"), cached("zyx"), plain(">")),
            blend,
            1,
            Sampling.GREEDY,
            StopConditions.NONE,
            new ReturnOptions(false, 0, 0, true, true));

    GenerateResult result = run(command);

    // Of 7 cached rows 4, then 2 with the highest ids: z and y at 5 and 6.
    assertThat(result.activePositions().asList()).containsExactly(0, 5, 6, 8);
    assertThat(result.rows()).isEqualTo(new RowCounts(9, 5, 2, 2));
    assertThat(result.layerScores())
        .extracting(scores -> scores.positions().length())
        .containsExactly(7, 4);
    assertThat(result.layerScores()).extracting(scores -> scores.layer()).containsExactly(1, 2);
  }

  @Test
  void graphThatKeepsOtherRowsThanPlannedFails() {
    collect("abcd");
    Prompt prompt = prompt(cached("abcd"), plain("e"));
    Arm arm = deviation(new CheckStep(1, 0.5));

    fixture.runner.misreport(1, 0);
    assertFailure(
        engine.generate(generate(prompt, arm, 1), tokens::add, Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "4 rows are active in the last layer; the row plan has 3");

    fixture.runner.misreport(0, 1);
    assertThat(run(generate(prompt, arm, 1)).rows()).isEqualTo(new RowCounts(5, 2, 2, 1));
    assertFailure(
        engine.check(new CheckCommand(prompt, arm), Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "2 rows are active in the last layer; the row plan has 3");
  }

  @Test
  void decodeStepsCompareNothing() {
    collect("abcd");
    run(generate(prompt(cached("abcd"), plain("e")), deviation(new CheckStep(1, 0.5)), 2));

    SequenceStep decode = steps().get(steps().size() - 1);
    assertThat(decode.positions()).isEqualTo(Positions.only(5));
    assertThat(decode.selection().keepCounts().asList()).containsExactly(-1, -1);
  }

  @Test
  void unknownChunkIsReportedWithoutSideEffects() {
    collect("known");

    assertFailure(
        engine.generate(
            generate(prompt(cached("known"), cached("other")), REUSE, 1),
            tokens::add,
            Interruption.NEVER),
        FailureKind.UNKNOWN_CHUNK,
        "segments[1]",
        "Collect");

    assertThat(engine.reset(List.of(), Interruption.NEVER).result().join().chunkCount())
        .isEqualTo(1);
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void collectIsIdempotentWithinAndAcrossRequests() {
    CollectResult first = collect("one", "two", "one");

    assertThat(first.chunks())
        .extracting(CollectResult.Chunk::hit)
        .containsExactly(false, false, true);
    assertThat(first.chunks().get(0).computeNanos()).isPositive();
    assertThat(first.chunks().get(2).computeNanos()).isZero();
    assertThat(collect("two").chunks().get(0).hit()).isTrue();
    assertThat(steps()).hasSize(2);
    assertThat(steps().get(0).tokenIds())
        .isEqualTo(ImmutableIntArray.builder().add(ByteCodec.BOS).addAll(ids("one")).build());
    assertThat(engine.chunkStatistics().hitCount()).isEqualTo(2);
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
    fixture.runner.beforeStep(
        step -> {
          throw new ModelFailureException("boom");
        });

    assertFailure(
        engine.collect(List.of(ids("abc")), Interruption.NEVER), FailureKind.MODEL_FAILURE, "boom");

    assertThat(engine.chunkStatistics().chunkCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void checkReportsSelectionWithoutSideEffects() {
    collect("ab", "cd");
    var before = engine.chunkStatistics();

    CheckResult result =
        engine
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
    assertThat(result.forcedRowCount()).isEqualTo(2);
    assertThat(result.activePositions().asList()).containsExactly(1, 2, 3, 4);
    assertThat(result.layerScores().get(0).positions().asList()).containsExactly(0, 1, 3);
    assertThat(engine.chunkStatistics()).isEqualTo(before);
  }

  @Test
  void stopTokensAndStopStringsEndTheAnswer() {
    StopConditions atToken = new StopConditions(List.of(), Set.of((int) 'd'), false);
    assertThat(run(generate(prompt(plain("a")), FULL, 9, atToken)).reason())
        .isEqualTo(Reason.STOP_TOKEN);
    assertThat(tokens)
        .extracting(NewToken::tokenId)
        .containsExactly((int) 'b', (int) 'c', (int) 'd');
    assertThat(text()).as("the stopping token has no text").isEqualTo("bc");

    tokens.clear();
    StopConditions atText = new StopConditions(List.of("def"), Set.of(), false);
    GenerateResult result = run(generate(prompt(plain("a")), FULL, 9, atText));
    assertThat(result.reason()).isEqualTo(Reason.STOP_STRING);
    assertThat(text() + result.heldText()).isEqualTo("bc");
    assertThat(tokens).extracting(NewToken::text).containsExactly("b", "c", "", "", "");

    tokens.clear();
    result = run(generate(prompt(plain("a")), FULL, 4, atText));
    assertThat(result.reason()).isEqualTo(Reason.MAX_NEW_TOKENS);
    assertThat(result.heldText()).isEqualTo("de");
  }

  @Test
  void logprobsAndTopTokensAreReturnedOnRequest() {
    GenerateCommand command =
        new GenerateCommand(
            prompt(plain("a")),
            FULL,
            2,
            Sampling.GREEDY,
            StopConditions.NONE,
            new ReturnOptions(true, 2, 1, false, false));

    GenerateResult result = run(command);

    double partition = Math.log(Math.exp(3) + Math.exp(2) + ByteCodec.VOCABULARY_SIZE - 2);
    assertThat(tokens.get(0).logprob().orElseThrow()).isCloseTo(3 - partition, within(1e-12));
    assertThat(tokens.get(0).topLogprobs())
        .extracting(TokenValue::tokenId)
        .containsExactly((int) 'b', (int) 'c');
    assertThat(result.firstTopLogits()).containsExactly(new TokenValue('b', 3));
    run(generate(prompt(plain("a")), FULL, 1));
    assertThat(steps().get(steps().size() - 1).outputs()).isEmpty();
  }

  @Test
  void cancellationBetweenStepsReleasesEverything() {
    AtomicReference<FailureKind> reason = new AtomicReference<>();
    AtomicInteger received = new AtomicInteger();

    Ticket<GenerateResult> ticket =
        engine.generate(
            generate(prompt(plain("a")), FULL, 50),
            token -> {
              if (received.incrementAndGet() == 3) {
                reason.set(FailureKind.DEADLINE_EXCEEDED);
              }
            },
            () -> Optional.ofNullable(reason.get()));

    assertFailure(ticket, FailureKind.DEADLINE_EXCEEDED, "deadline");
    assertThat(received).hasValue(3);
    assertThat(engine.poolStatistics().reservedBlockCount()).isZero();
  }

  @Test
  void promptWithoutMemoryIsRejectedAndTheNextOneRuns() {
    // 100 blocks of 4 tokens.
    assertThat(engine.maxSequenceTokenCount()).isEqualTo(400);
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(
            () ->
                engine.generate(
                    generate(prompt(plain("a")), FULL, 400), tokens::add, Interruption.NEVER))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID_REQUEST))
        .withMessageContainingAll("1 tokens", "400", "--kv-memory");
    assertThat(run(generate(prompt(plain("a")), FULL, 399)).newTokenCount()).isEqualTo(399);
  }

  @Test
  void logitsThatAreNotNumbersFailAGreedyRequest() {
    try (EngineFixture broken = new EngineFixture(last -> -1)) {
      assertFailure(
          broken.engine.generate(
              generate(prompt(plain("a")), FULL, 3), tokens::add, Interruption.NEVER),
          FailureKind.MODEL_FAILURE,
          "NaN");
    }
    assertThat(tokens).isEmpty();
  }

  @Test
  void lostDeviceFailsAllRequestsAndIsReported() {
    fixture.runner.beforeStep(
        step -> {
          fixture.loseDevice("CUDA error 700: illegal memory access");
          throw new ModelFailureException("step failed");
        });

    assertFailure(
        engine.generate(generate(prompt(plain("a")), FULL, 3), tokens::add, Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "step failed");
    assertThat(engine.deviceLoss().join().getMessage()).contains("error 700", "restart the worker");
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> engine.collect(List.of(ids("abc")), Interruption.NEVER))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.DEVICE_LOST))
        .withMessageContaining("error 700");
  }

  @Test
  void failedStepOfAWorkingDeviceDoesNotEndTheEngine() {
    fixture.runner.beforeStep(
        step -> {
          throw new ModelFailureException("step failed");
        });
    assertFailure(
        engine.collect(List.of(ids("abc")), Interruption.NEVER),
        FailureKind.MODEL_FAILURE,
        "step failed");
    fixture.runner.beforeStep(step -> {});

    assertThat(engine.deviceLoss()).isNotDone();
    assertThat(collect("abc").chunks()).hasSize(1);
  }

  @Test
  void durationsSumToTheTotal() {
    GenerateResult result = run(generate(prompt(plain("a")), FULL, 3));

    // The ticker advances by one per read: arrival, start, logits, first token, and one per token.
    assertThat(result.durations().queueNanos()).isEqualTo(1);
    assertThat(result.durations().prefillNanos()).isEqualTo(1);
    assertThat(result.durations().firstSampleNanos()).isEqualTo(1);
    assertThat(result.durations().ttftNanos()).isEqualTo(2);
    assertThat(result.durations().decodeNanos()).isEqualTo(2);
  }

  @Test
  void concurrentMixedCallsReleaseEverything() throws Exception {
    ExecutorService callers = Executors.newFixedThreadPool(8);
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int call = i;
      calls.add(callers.submit(() -> mixedCall(call)));
    }
    for (Future<?> call : calls) {
      call.get();
    }
    callers.shutdown();
    engine.reset(List.of(), Interruption.NEVER).result().join();

    assertThat(engine.poolStatistics().freeBlockCount()).isEqualTo(100);
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  private void mixedCall(int call) {
    String chunk = "chunk " + call % 7;
    List<Ticket<?>> tickets = new ArrayList<>();
    Throwable refused =
        catchThrowable(
            () -> {
              tickets.add(engine.collect(List.of(ids(chunk)), Interruption.NEVER));
              tickets.add(
                  engine.generate(
                      generate(
                          prompt(cached(chunk), plain("?")), deviation(new CheckStep(1, 0.3)), 5),
                      token -> {},
                      call % 3 == 0
                          ? () -> Optional.of(FailureKind.CANCELLED)
                          : Interruption.NEVER));
              if (call % 5 == 0) {
                tickets.add(engine.reset(List.of(), Interruption.NEVER));
              }
            });
    if (refused != null) {
      assertThat(refused)
          .isInstanceOf(WorkerException.class)
          .hasMessageContaining("request queue is full");
    }
    if (call % 4 == 0) {
      tickets.forEach(Ticket::withdraw);
    }
    for (Ticket<?> ticket : tickets) {
      Throwable failure = catchThrowable(() -> ticket.result().join());
      if (failure != null) {
        assertThat(failure).hasCauseInstanceOf(WorkerException.class);
        assertThat(((WorkerException) failure.getCause()).kind())
            .isIn(FailureKind.CANCELLED, FailureKind.UNKNOWN_CHUNK);
      }
    }
  }

  private CollectResult collect(String... chunks) {
    List<ImmutableIntArray> ids = new ArrayList<>();
    for (String chunk : chunks) {
      ids.add(ids(chunk));
    }
    return engine.collect(ids, Interruption.NEVER).result().join();
  }

  private GenerateResult run(GenerateCommand command) {
    return engine.generate(command, tokens::add, Interruption.NEVER).result().join();
  }

  private String text() {
    StringBuilder text = new StringBuilder();
    tokens.forEach(token -> text.append(token.text()));
    return text.toString();
  }

  private List<SequenceStep> steps() {
    return fixture.runner.steps();
  }

  private static Arm deviation(CheckStep... schedule) {
    return new Arm.CacheBlend(new Selector.Deviation(Tensor.VALUE, List.of(schedule)));
  }

  private static void assertFailure(Ticket<?> ticket, FailureKind kind, String... parts) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(() -> ticket.result().join())
        .havingCause()
        .isInstanceOf(WorkerException.class)
        .satisfies(e -> assertThat(((WorkerException) e).kind()).isEqualTo(kind))
        .withMessageContainingAll(parts);
  }
}
