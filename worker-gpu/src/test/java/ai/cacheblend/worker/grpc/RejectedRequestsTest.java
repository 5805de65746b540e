package ai.cacheblend.worker.grpc;

import static ai.cacheblend.worker.grpc.ServiceFixture.FULL;
import static ai.cacheblend.worker.grpc.ServiceFixture.REUSE;
import static ai.cacheblend.worker.grpc.ServiceFixture.blend;
import static ai.cacheblend.worker.grpc.ServiceFixture.request;
import static ai.cacheblend.worker.grpc.ServiceFixture.startThread;
import static ai.cacheblend.worker.grpc.ServiceFixture.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.ChunkHeadSelector;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DemoteRequest;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.ReturnOptions;
import ai.cacheblend.proto.v1.Sampling;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.Tier;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenIds;
import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Statuses and messages of requests that cannot be run. */
@Timeout(120)
final class RejectedRequestsTest {
  private ServiceFixture service;

  @BeforeEach
  void start() throws Exception {
    service = new ServiceFixture();
  }

  @AfterEach
  void close() throws Exception {
    service.close();
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
        invalid(
            request(FULL, 1, a).setLoadBytesPerSecond(-1),
            "load_bytes_per_second is 18446744073709551615"),
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
            () -> ImmutableList.copyOf(service.worker.generate(refusal.request())));

    assertThat(failure.getStatus().getCode()).isEqualTo(refusal.code());
    assertThat(failure.getStatus().getDescription()).contains(refusal.parts()).doesNotContain("\n");
    assertThat(
            ImmutableList.copyOf(
                service.worker.generate(request(FULL, 1, text("a", false)).build())))
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
                    service.worker.generate(
                        request(FULL, 1, Segment.newBuilder().setTokenIds(million).build())
                            .build())));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.getStatus().getDescription()).contains("1000000 tokens");
    assertThat(service.fixture.runner.steps()).isEmpty();
  }

  @Test
  void unexpectedErrorIsInternalWithoutDetails() {
    service.fixture.runner.beforeStep(
        step -> {
          throw new IllegalStateException("secret");
        });

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () ->
                service.worker.collect(
                    CollectRequest.newBuilder().addChunks(text("abc", true)).build()))
        .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL))
        .withMessageNotContaining("secret");
  }

  @Test
  void fullQueueIsResourceExhausted() throws Exception {
    CountDownLatch started = service.blockSteps();
    List<Thread> callers = new ArrayList<>();
    callers.add(startThread(() -> service.collect("abc")));
    started.await();
    callers.add(startThread(() -> service.collect("abc")));
    callers.add(startThread(() -> service.collect("abc")));
    while (service.fixture.engine.waitingCount() < 2) {
      Thread.sleep(1);
    }

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(
            () ->
                service.worker.collect(
                    CollectRequest.newBuilder().addChunks(text("x", true)).build()))
        .satisfies(
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED))
        .withMessageContaining("--queue");

    service.release.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
  }

  private static Refusal invalid(GenerateRequest.Builder request, String... parts) {
    return new Refusal(request.build(), Status.Code.INVALID_ARGUMENT, List.of(parts));
  }

  record DemoteRefusal(DemoteRequest request, Status.Code code, String part) {}

  static List<DemoteRefusal> demoteRefusals() {
    DemoteRequest host =
        DemoteRequest.newBuilder().addKeys("a".repeat(64)).setTier(Tier.TIER_HOST).build();
    return List.of(
        new DemoteRefusal(
            host.toBuilder().clearKeys().build(), Status.Code.INVALID_ARGUMENT, "keys is empty"),
        new DemoteRefusal(
            host.toBuilder().addKeys("b").build(), Status.Code.INVALID_ARGUMENT, "\"b\""),
        new DemoteRefusal(
            host.toBuilder().clearTier().build(),
            Status.Code.INVALID_ARGUMENT,
            "tier is TIER_UNSPECIFIED"),
        new DemoteRefusal(
            host.toBuilder().setTier(Tier.TIER_DEVICE).build(),
            Status.Code.INVALID_ARGUMENT,
            "tier is TIER_DEVICE"),
        new DemoteRefusal(host, Status.Code.FAILED_PRECONDITION, "--host-memory"));
  }

  @ParameterizedTest
  @MethodSource("demoteRefusals")
  void badDemotionsAreRejected(DemoteRefusal refusal) {
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> service.worker.demote(refusal.request()));

    assertThat(failure.getStatus().getCode()).isEqualTo(refusal.code());
    assertThat(failure.getStatus().getDescription()).contains(refusal.part()).doesNotContain("\n");
  }
}
