package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostMeter;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckRequest;
import ai.cacheblend.proto.v1.CheckResponse;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.CollectedChunk;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.Finished;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.HostStatistics;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.ReturnOptions;
import ai.cacheblend.proto.v1.Sampling;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.testing.ByteCodec;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(120)
class WorkerServiceTest {
  private static final String ADDRESS = "worker-service-test";
  private static final Arm FULL =
      Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
  private static final Arm REUSE =
      Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();

  private final EngineFixture fixture = new EngineFixture(2, 1_000_000);
  private final WorkerServer server =
      new WorkerServer(
          InProcessServerBuilder.forName(ADDRESS),
          fixture.engine,
          description(),
          ServerAccess.OPEN,
          Duration.ofMillis(200),
          Ticker.systemTicker());
  private final ManagedChannel channel = InProcessChannelBuilder.forName(ADDRESS).build();
  private final WorkerGrpc.WorkerBlockingStub worker = WorkerGrpc.newBlockingStub(channel);

  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    server.start();
  }

  @AfterEach
  void everythingEndsAndIsFree() throws Exception {
    release.countDown();
    channel.shutdownNow();
    server.shutDown(Duration.ofSeconds(5));
    fixture.close();
    assertThat(fixture.engine.poolStatistics().reservedBlockCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  @Test
  void describeReturnsModelLimitsAndStatistics() {
    worker.collect(CollectRequest.newBuilder().addChunks(text("abc", true)).build());

    DescribeResponse response = worker.describe(DescribeRequest.getDefaultInstance());
    assertThat(response.getInstanceId()).hasSizeGreaterThan(30);
    assertThat(worker.describe(DescribeRequest.getDefaultInstance()).getInstanceId())
        .isEqualTo(response.getInstanceId());
    assertThat(response.getDevice().hasStatistics()).isFalse();

    assertThat(response.getModel().getName()).isEqualTo("fake");
    assertThat(response.getModel().getCheckLayersList()).containsExactly(1, 2);
    assertThat(response.getModel().getBosTokenId()).isEqualTo(ByteCodec.BOS);
    assertThat(response.getLimits().getMaxSequenceTokenCount()).isEqualTo(400);
    assertThat(response.getLimits().getQueueCapacity()).isEqualTo(2);
    assertThat(response.getPool().getFreeBlockCount()).isEqualTo(100);
    assertThat(response.getChunks().getComputedCount()).isEqualTo(1);
    assertThat(response.getChunks().getByteCount()).isEqualTo(30);
  }

  @Test
  void describeNamesTheBuildTheLaunchAndTheCheckpoint() {
    DescribeResponse response = worker.describe(DescribeRequest.getDefaultInstance());

    assertThat(response.getVersions().getCommit()).isEqualTo("abc");
    assertThat(response.getVersions().getDirty()).isTrue();
    assertThat(response.getVersions().getCodeSha256()).isEqualTo("c0de");
    assertThat(response.getVersions().getNativeLibrarySha256()).isEqualTo("11b");
    assertThat(response.getVersions().getCudaKernels()).isTrue();
    assertThat(response.getLaunch().getOptionsList()).containsExactly("--threads=1");
    assertThat(response.getLaunch().getJvmArgumentsList()).containsExactly("-Xmx1g");
    assertThat(response.getModel().getIntermediateSize()).isEqualTo(16);
    assertThat(response.getModel().getRevision()).isEqualTo("c0ffee");
    assertThat(response.getModel().getDirectory()).isEqualTo("/models/fake");
  }

  @Test
  void describeSamplesTheHostAtEachCall() {
    HostStatistics first = worker.describe(DescribeRequest.getDefaultInstance()).getHost();
    HostStatistics second = worker.describe(DescribeRequest.getDefaultInstance()).getHost();

    assertThat(first.getProcessorCount()).isPositive();
    assertThat(second.getBootId()).isEqualTo(first.getBootId());
    assertThat(second.getMonotonicNanos()).isGreaterThan(first.getMonotonicNanos());
  }

  @Test
  void tokenizeConvertsInBothDirections() {
    TokenizeResponse response =
        worker.tokenize(
            TokenizeRequest.newBuilder()
                .addTexts("hé")
                .setAddSpecialTokens(true)
                .addTokenIds(TokenIdCodec.encode(0xc3, 0xa9, '!', ByteCodec.EOS))
                .build());

    assertThat(TokenIdCodec.decode(response.getTokenIds(0)))
        .containsExactly(ByteCodec.BOS, 'h', 0xc3, 0xa9);
    assertThat(response.getTexts(0)).isEqualTo("é!");
  }

  @Test
  void collectReturnsOneResultPerChunk() {
    CollectResponse response =
        worker.collect(
            CollectRequest.newBuilder()
                .addChunks(text("one", false))
                .addChunks(text("one", true))
                .build());

    assertThat(response.getChunksList())
        .extracting(CollectedChunk::getOutcome)
        .containsExactly(
            CollectedChunk.Outcome.OUTCOME_COMPUTED, CollectedChunk.Outcome.OUTCOME_HIT);
    assertThat(response.getChunks(0).getKey())
        .hasSize(64)
        .isEqualTo(response.getChunks(1).getKey());
    assertThat(response.getChunks(0).getTokenCount()).isEqualTo(3);
    assertThat(response.getChunks(0).getByteCount()).isEqualTo(30);
    assertThat(
            worker
                .reset(ResetRequest.newBuilder().addKeys(response.getChunks(0).getKey()).build())
                .getDroppedChunkCount())
        .isEqualTo(1);
  }

  @Test
  void firstMessageContainsTheFirstTokenAndTheLastIsFinished() {
    List<GenerateResponse> messages =
        ImmutableList.copyOf(worker.generate(request(FULL, 3, text("a", false)).build()));

    assertThat(messages).hasSize(4);
    assertThat(messages.subList(0, 3)).allMatch(GenerateResponse::hasTokens);
    assertThat(messages.get(0).getTokens().getText()).isEqualTo("b");
    Finished finished = messages.get(3).getFinished();
    assertThat(finished.getReason()).isEqualTo(Finished.Reason.REASON_MAX_NEW_TOKENS);
    assertThat(finished.getRows().getComputedTokenCount()).isEqualTo(1);
    assertThat(finished.getDurations().getTtftNanos())
        .isEqualTo(
            finished.getDurations().getPrefillNanos()
                + finished.getDurations().getFirstSampleNanos());
  }

  @Test
  void textIsNotSplitInsideACharacter() {
    // The fake model counts upwards: "Ã‚", "Ã", … 0xc2 0xc3 0xc4: none of these bytes ever makes a
    // character.
    List<GenerateResponse> messages =
        ImmutableList.copyOf(
            worker.generate(
                request(
                        FULL,
                        4,
                        Segment.newBuilder().setTokenIds(TokenIdCodec.encode(0xc1)).build())
                    .build()));

    assertThat(messages.subList(0, 4)).allMatch(message -> message.getTokens().getText().isEmpty());
    assertThat(messages.get(4).getFinished().getText()).isEqualTo("\uFFFD".repeat(4));
  }

  @Test
  void allOptionsAffectTheAnswer() {
    worker.collect(CollectRequest.newBuilder().addChunks(text("adcb", true)).build());
    GenerateRequest request =
        request(
                blend(DeviationSelector.Tensor.TENSOR_KEY, 1, 0.5),
                5,
                text("adcb", true),
                text(">", false))
            .setStop(StopConditions.newBuilder().addStopStrings("AB"))
            .setReturnOptions(
                ReturnOptions.newBuilder()
                    .setLogprobs(true)
                    .setTopLogprobCount(2)
                    .setFirstTopLogitCount(3)
                    .setActivePositions(true)
                    .setLayerScores(true))
            .build();

    List<GenerateResponse> messages = ImmutableList.copyOf(worker.generate(request));

    assertThat(messages.get(0).getTokens().getLogprobsList()).hasSize(1);
    assertThat(messages.get(0).getTokens().getTopLogprobs(0).getEntriesList()).hasSize(2);
    Finished finished = messages.get(messages.size() - 1).getFinished();
    // "?", "@", "A", "B".
    assertThat(finished.getReason()).isEqualTo(Finished.Reason.REASON_STOP_STRING);
    assertThat(finished.getNewTokenCount()).isEqualTo(4);
    assertThat(finished.getFirstTopLogitsList()).hasSize(3);
    assertThat(finished.getActivePositionsList()).containsExactly(1, 2, 4);
    assertThat(finished.getLayerScores(0).getPositionsList()).containsExactly(0, 1, 2, 3);
    assertThat(finished.getRows().getRecomputedTokenCount()).isEqualTo(2);
    assertThat(fixture.runner.steps().get(1).selection().compareKeys()).isTrue();
  }

  @Test
  void checkReturnsChunksScoresAndRows() {
    worker.collect(CollectRequest.newBuilder().addChunks(text("ab", true)).build());

    CheckResponse response =
        worker.check(
            CheckRequest.newBuilder()
                .addSegments(text("-", false))
                .addSegments(text("ab", true))
                .addSegments(text("?", false))
                .setArm(blend(DeviationSelector.Tensor.TENSOR_VALUE, 2, 0.5))
                .build());

    assertThat(response.getChunks(0).getSegmentIndex()).isEqualTo(1);
    assertThat(response.getChunks(0).getFirstPosition()).isEqualTo(1);
    assertThat(response.getEligibleTokenCount()).isEqualTo(2);
    assertThat(response.getLayerScores(0).getLayer()).isEqualTo(2);
    assertThat(response.getLayerScores(0).getScoresList())
        .containsExactly((float) 'a', (float) 'b');
    assertThat(response.getActivePositionsList()).containsExactly(0, 2, 3);
    assertThat(response.getForcedRowCount()).isEqualTo(2);
  }

  record Refusal(GenerateRequest request, Status.Code code, List<String> parts) {}

  static List<Refusal> refusals() {
    Segment a = text("a", false);
    return List.of(
        invalid(request(FULL, 1), "segments", "at least one"),
        invalid(request(FULL, 1, Segment.getDefaultInstance()), "segments[0]", "token_ids or text"),
        invalid(request(FULL, 1, a, text("", true)), "segments[1]", "cached"),
        invalid(request(FULL, 0, a), "max_new_tokens is 0"),
        invalid(request(FULL, -1, a), "max_new_tokens is 4294967295"),
        invalid(request(FULL, 400, a), "max_new_tokens is 400", "--kv-memory"),
        invalid(request(Arm.getDefaultInstance(), 1, a), "arm is not set"),
        invalid(
            request(Arm.newBuilder().setCacheblend(CacheBlend.getDefaultInstance()).build(), 1, a),
            "selector"),
        invalid(
            request(blend(DeviationSelector.Tensor.TENSOR_UNSPECIFIED, 1, 0.1), 1, a),
            "TENSOR_UNSPECIFIED"),
        invalid(
            request(blend(DeviationSelector.Tensor.TENSOR_VALUE, 1, -1), 1, a), "-1.0", "[0, 1]"),
        invalid(request(blend(DeviationSelector.Tensor.TENSOR_VALUE, 0, 0.1), 1, a), "layer is 0"),
        invalid(
            request(blend(DeviationSelector.Tensor.TENSOR_VALUE, 7, 0.1), 1, a),
            "layer 7",
            "[1, 2]",
            "--check-layers 7"),
        invalid(
            request(
                Arm.newBuilder()
                    .setCacheblend(
                        CacheBlend.newBuilder()
                            .setChunkHead(ChunkHeadSelector.getDefaultInstance()))
                    .build(),
                1,
                a),
            "chunk_head.amount"),
        invalid(
            request(FULL, 1, Segment.newBuilder().setTokenIds(TokenIdCodec.encode(258)).build()),
            "segments[0]",
            "258",
            "0 to 257"),
        invalid(
            request(FULL, 1, Segment.newBuilder().setTokenIds(TokenIdCodec.encode(-2)).build()),
            "4294967294"),
        invalid(
            request(
                FULL,
                1,
                Segment.newBuilder()
                    .setTokenIds(TokenIds.newBuilder().setIds(ByteString.copyFrom(new byte[6])))
                    .build()),
            "segments[0].token_ids.ids has 6 bytes"),
        invalid(
            request(FULL, 1, a).setSampling(Sampling.newBuilder().setTemperature(-0.5)),
            "temperature is -0.5"),
        invalid(
            request(FULL, 1, a).setSampling(Sampling.newBuilder().setTopP(1.5)), "top_p is 1.5"),
        invalid(
            request(FULL, 1, a).setStop(StopConditions.newBuilder().addStopStrings("")),
            "stop_strings[0]"),
        invalid(
            request(FULL, 1, a).setStop(StopConditions.newBuilder().addStopTokenIds(999)),
            "stop_token_ids",
            "999"),
        invalid(
            request(FULL, 1, a).setReturnOptions(ReturnOptions.newBuilder().setTopLogprobCount(21)),
            "top_logprob_count is 21"),
        new Refusal(
            request(REUSE, 1, text("unknown", true)).build(),
            Status.Code.NOT_FOUND,
            List.of("segments[0]", "Collect")));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void badRequestsAreRejectedInOneLineAndTheWorkerContinues(Refusal refusal) {
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ImmutableList.copyOf(worker.generate(refusal.request())));

    assertThat(failure.getStatus().getCode()).isEqualTo(refusal.code());
    assertThat(failure.getStatus().getDescription()).contains(refusal.parts()).doesNotContain("\n");
    assertThat(ImmutableList.copyOf(worker.generate(request(FULL, 1, text("a", false)).build())))
        .hasSize(2);
  }

  @Test
  void millionTokensAreRejectedBeforeTheyAreQueued() {
    TokenIds million = TokenIdCodec.encode(new int[1_000_000]);

    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ImmutableList.copyOf(
                    worker.generate(
                        request(FULL, 1, Segment.newBuilder().setTokenIds(million).build())
                            .build())));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.getStatus().getDescription()).contains("1000000 tokens");
    assertThat(fixture.runner.steps()).isEmpty();
  }

  @Test
  void unexpectedErrorIsInternalWithoutDetails() {
    fixture.runner.beforeStep(
        step -> {
          throw new IllegalStateException("secret");
        });

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () -> worker.collect(CollectRequest.newBuilder().addChunks(text("abc", true)).build()))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL))
        .withMessageNotContaining("secret");
  }

  @Test
  void fullQueueIsResourceExhausted() throws Exception {
    CountDownLatch started = blockSteps();
    List<Thread> callers = new ArrayList<>();
    callers.add(startThread(() -> collect("abc")));
    started.await();
    callers.add(startThread(() -> collect("abc")));
    callers.add(startThread(() -> collect("abc")));
    while (fixture.engine.waitingCount() < 2) {
      Thread.sleep(1);
    }

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () -> worker.collect(CollectRequest.newBuilder().addChunks(text("x", true)).build()))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .withMessageContaining("--queue");

    release.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
  }

  @Test
  void cancellationStopsDecodingAndReleasesMemory() throws Exception {
    Context.CancellableContext context = Context.current().withCancellation();
    fixture.runner.blockAfterTheFirstStep();
    context.run(
        () -> {
          Iterator<GenerateResponse> messages =
              worker.generate(request(FULL, 390, text("a", false)).build());
          messages.next();
        });
    assertThat(fixture.engine.poolStatistics().reservedBlockCount()).isPositive();

    context.cancel(null);

    awaitFreePool();
    assertThat(fixture.runner.steps().size()).isLessThan(390);
  }

  @Test
  void deadlineStopsDecodingAndReleasesMemory() throws Exception {
    fixture.runner.blockAfterTheFirstStep();

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () ->
                ImmutableList.copyOf(
                    worker
                        .withDeadlineAfter(60, TimeUnit.MILLISECONDS)
                        .generate(request(FULL, 390, text("a", false)).build())))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));

    awaitFreePool();
    assertThat(fixture.runner.steps().size()).isLessThan(390);
  }

  @Test
  void callOfASlowReaderEndsAndOthersAreServed() throws Exception {
    AtomicReference<Status> end = new AtomicReference<>();
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    List<GenerateResponse> received = Collections.synchronizedList(new ArrayList<>());
    AtomicReference<ClientCallStreamObserver<GenerateRequest>> call = new AtomicReference<>();
    WorkerGrpc.newStub(channel)
        .generate(
            request(FULL, 300, text("a", false)).build(),
            new ClientResponseObserver<GenerateRequest, GenerateResponse>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<GenerateRequest> stream) {
                stream.disableAutoRequestWithInitial(1);
                call.set(stream);
              }

              @Override
              public void onNext(GenerateResponse message) {
                received.add(message);
                running.countDown();
                first.countDown();
              }

              @Override
              public void onError(Throwable failure) {
                end.set(Status.fromThrowable(failure));
                ended.countDown();
              }

              @Override
              public void onCompleted() {
                ended.countDown();
              }
            });

    first.await();
    assertThat(running.await(100, TimeUnit.SECONDS)).isTrue();
    // Waits for the slow call, for a limited time.
    worker.collect(CollectRequest.newBuilder().addChunks(text("abc", true)).build());
    call.get().request(1000);

    assertThat(ended.await(100, TimeUnit.SECONDS)).isTrue();
    assertThat(end.get().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(end.get().getDescription()).contains("did not read tokens");
    assertThat(received.size()).isLessThan(300);
  }

  @Test
  void healthFollowsTheServer() throws Exception {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
    for (String service : List.of("", "cacheblend.v1.Worker")) {
      assertThat(
              health.check(HealthCheckRequest.newBuilder().setService(service).build()).getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }
    CountDownLatch started = blockSteps();
    Thread running = startThread(() -> collect("abc"));
    started.await();
    var watch = health.watch(HealthCheckRequest.getDefaultInstance());
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    Thread shutdown =
        startThread(
            () -> {
              try {
                server.shutDown(Duration.ofSeconds(100));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });

    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    release.countDown();
    running.join();
    shutdown.join();
    assertThat(fixture.engine.chunkStatistics().computedCount())
        .as("the running call ended")
        .isEqualTo(1);
  }

  @Test
  void lostDeviceEndsServing() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
    var watch =
        health.watch(HealthCheckRequest.newBuilder().setService("cacheblend.v1.Worker").build());
    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    fixture.runner.beforeStep(
        step -> {
          fixture.loseDevice("CUDA error 700");
          throw new ModelFailureException("step failed");
        });

    assertThat(statusOfCollect("abc")).isEqualTo(Status.Code.INTERNAL);

    assertThat(watch.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(statusOfCollect("abc")).isEqualTo(Status.Code.UNAVAILABLE);
  }

  private Status.Code statusOfCollect(String text) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> collect(text))
        .getStatus()
        .getCode();
  }

  /** Steps wait for {@link #release}; the result counts down when the first one waits. */
  private CountDownLatch blockSteps() {
    CountDownLatch started = new CountDownLatch(1);
    fixture.runner.beforeStep(
        step -> {
          started.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    return started;
  }

  private void collect(String text) {
    CollectResponse unused =
        worker.collect(CollectRequest.newBuilder().addChunks(text(text, true)).build());
  }

  private void awaitFreePool() throws InterruptedException {
    while (fixture.engine.poolStatistics().reservedBlockCount() > 0) {
      Thread.sleep(1);
    }
  }

  private static Thread startThread(Runnable action) {
    Thread thread = new Thread(action);
    thread.start();
    return thread;
  }

  private static Refusal invalid(GenerateRequest.Builder request, String... parts) {
    return new Refusal(request.build(), Status.Code.INVALID_ARGUMENT, List.of(parts));
  }

  private static GenerateRequest.Builder request(Arm arm, int maxNewTokens, Segment... segments) {
    return GenerateRequest.newBuilder()
        .addAllSegments(List.of(segments))
        .setArm(arm)
        .setMaxNewTokens(maxNewTokens);
  }

  private static Arm blend(DeviationSelector.Tensor tensor, int layer, double share) {
    return Arm.newBuilder()
        .setCacheblend(
            CacheBlend.newBuilder()
                .setDeviation(
                    DeviationSelector.newBuilder()
                        .setTensor(tensor)
                        .addSchedule(CheckStep.newBuilder().setLayer(layer).setShare(share))))
        .build();
  }

  private static Segment text(String text, boolean cached) {
    return Segment.newBuilder().setText(text).setCached(cached).build();
  }

  static WorkerDescription description() {
    return new WorkerDescription(
        new WorkerDescription.Model(
            "fake",
            "FakeForTests",
            EngineFixture.MODEL,
            4,
            8,
            16,
            2,
            1,
            4,
            0,
            "",
            10,
            "c0ffee",
            "/models/fake"),
        WorkerDescription.Device.cpu("fake", 1, "baseline"),
        new WorkerDescription.Versions(
            new Build("0", Optional.of("abc"), true, "c0de"), "11b", true, "0", "17"),
        new WorkerDescription.Launch(List.of("--threads=1"), List.of("-Xmx1g")),
        HostMeter.system());
  }
}
