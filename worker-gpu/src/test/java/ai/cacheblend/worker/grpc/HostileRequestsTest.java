package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.StopConditions;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that are valid for no caller, over a socket. */
@Timeout(120)
class HostileRequestsTest {
  private static final Segment IDS =
      Segment.newBuilder().setTokenIds(TokenIdCodec.encode(1, 2, 3)).build();

  private final EngineFixture fixture = new EngineFixture();
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicReference<Thread> transportThread = new AtomicReference<>();
  private WorkerServer server;
  private ManagedChannel channel;
  private WorkerGrpc.WorkerBlockingStub worker;

  @BeforeEach
  void start() throws Exception {
    server =
        new WorkerServer(
            ConnectionLimits.apply(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))),
            fixture.engine,
            ServiceFixture.description(),
            ServerAccess.OPEN,
            Duration.ofSeconds(5),
            Ticker.systemTicker());
    server.start();
    channel = connect();
    worker = WorkerGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void workerStillServes() throws Exception {
    release.countDown();
    assertThat(worker.collect(CollectRequest.newBuilder().addChunks(IDS).build()).getChunksCount())
        .isEqualTo(1);
    channel.shutdownNow();
    server.shutDown(Duration.ofSeconds(5));
    fixture.close();
  }

  @Test
  void malformedBytesAreAnInvalidArgumentInOneLine() {
    for (MethodDescriptor<?, ?> method : WorkerGrpc.getServiceDescriptor().getMethods()) {
      for (byte[] bytes : new byte[][] {{(byte) 0xff}, {0x0a, 0x05, 0x01}, {0x07}, {0x0c}, {0}}) {
        Status status = failure(method, bytes);

        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription())
            .contains("Request cannot be decoded as protobuf: ")
            .doesNotContain("\n");
      }
    }
  }

  @Test
  void millionsOfEmptyFieldsAreRefusedBeforeTheyAreDecoded() {
    byte[] emptySegments = repeated(new byte[] {0x0a, 0x00}, 8 << 20);

    for (MethodDescriptor<?, ?> method :
        List.of(WorkerGrpc.getGenerateMethod(), WorkerGrpc.getCollectMethod())) {
      Status status = failure(method, emptySegments);

      assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription())
          .endsWith("Request has more than 65536 fields; send fewer, or several requests");
    }
  }

  @Test
  void fieldsOfPartsAndPackedFieldsAreCountedAndUnknownOnesDropped() {
    byte[] stop = repeated(new byte[] {0x0a, 0x00}, 200_000);
    assertThat(failure(WorkerGrpc.getGenerateMethod(), field(5, stop)).getDescription())
        .contains("has more than 65536 fields");
    byte[] packedStopIds = field(2, new byte[70_000]);
    assertThat(failure(WorkerGrpc.getGenerateMethod(), field(5, packedStopIds)).getDescription())
        .contains("has more than 65536 fields");
    // A group of unknown fields inside an unknown group.
    byte[] groups = repeated(new byte[] {0x7b, 0x7c}, 1 << 20);
    assertThat(failure(WorkerGrpc.getGenerateMethod(), groups).getDescription())
        .contains("has more than 65536 fields");
  }

  @Test
  void messagesAboveTheLimitEndTheirCall() {
    assertThat(failure(WorkerGrpc.getGenerateMethod(), new byte[(16 << 20) + 1]).getCode())
        .isEqualTo(Status.Code.CANCELLED);
  }

  @Test
  void compressedMessagesAreRefused() {
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                worker
                    .withCompression("gzip")
                    .collect(CollectRequest.newBuilder().addChunks(IDS).build()));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void listsAndTextsAreLimited() {
    assertInvalid(
        WorkerGrpc.getGenerateMethod(),
        request().addAllSegments(Collections.nCopies(4096, IDS)).build(),
        "segments has 4097 entries; send at most 4096 in one request");
    assertInvalid(
        WorkerGrpc.getGenerateMethod(),
        request().addSegments(Segment.newBuilder().setText("a".repeat((256 << 10) + 1))).build(),
        "the text of segments has 262145 characters; send at most 262144");
    assertInvalid(
        WorkerGrpc.getGenerateMethod(),
        request()
            .setStop(StopConditions.newBuilder().addAllStopTokenIds(Collections.nCopies(1025, 1)))
            .build(),
        "stop_token_ids has 1025 entries; send at most 1024 in one request");
    assertInvalid(
        WorkerGrpc.getGenerateMethod(),
        request().setStop(StopConditions.newBuilder().addStopStrings("a".repeat(257))).build(),
        "stop_strings[0] has 257 characters; send 1 to 256");
    assertInvalid(
        WorkerGrpc.getCollectMethod(),
        CollectRequest.newBuilder().addAllChunks(Collections.nCopies(4097, IDS)).build(),
        "chunks has 4097 entries; send at most 4096 in one request");
    assertInvalid(
        WorkerGrpc.getTokenizeMethod(),
        TokenizeRequest.newBuilder().addTexts("a".repeat((256 << 10) + 1)).build(),
        "texts[0] has 262145 characters; send at most 262144");
    assertInvalid(
        WorkerGrpc.getTokenizeMethod(),
        TokenizeRequest.newBuilder().addAllTexts(Collections.nCopies(4097, "a")).build(),
        "texts has 4097 entries; send at most 4096 in one request");
    assertInvalid(
        WorkerGrpc.getResetMethod(),
        ResetRequest.newBuilder().addAllKeys(Collections.nCopies(16_385, "a")).build(),
        "keys has 16385 entries; send at most 16384 in one request");
    assertThat(fixture.runner.steps()).isEmpty();
  }

  @Test
  void tokenizationEndsWithItsCall() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    fixture.codec.beforeEncode(
        () -> {
          transportThread.set(Thread.currentThread());
          started.countDown();
          await(release);
        });
    ListenableFuture<?> call =
        WorkerGrpc.newFutureStub(channel)
            .tokenize(TokenizeRequest.newBuilder().addTexts("a").addTexts("b").build());
    started.await();
    call.cancel(true);
    while (worker.describe(DescribeRequest.getDefaultInstance()).getLeases().getActiveRequestCount()
        > 0) {
      Thread.onSpinWait();
    }
    transportThread.set(null);
    release.countDown();

    // One thread tokenizes after the other: this call ends after the cancelled one.
    fixture.codec.beforeEncode(() -> {});
    assertThat(
            worker.tokenize(TokenizeRequest.newBuilder().addTexts("c").build()).getTokenIdsCount())
        .isEqualTo(1);
    assertThat(transportThread.get()).isNull();
  }

  @Test
  void callsAboveTheConnectionLimitWaitWhileOtherConnectionsAreServed() throws Exception {
    fixture.runner.beforeStep(step -> await(release));
    List<ListenableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < 2 * ConnectionLimits.MAX_CALLS_PER_CONNECTION; i++) {
      waiting.add(
          WorkerGrpc.newFutureStub(channel)
              .collect(CollectRequest.newBuilder().addChunks(IDS).build()));
    }
    ManagedChannel other = connect();
    try {
      assertThat(
              WorkerGrpc.newBlockingStub(other)
                  .describe(DescribeRequest.getDefaultInstance())
                  .hasModel())
          .isTrue();
    } finally {
      other.shutdownNow();
    }
    release.countDown();
    for (ListenableFuture<?> call : waiting) {
      assertThat(code(call)).isIn(Status.Code.OK, Status.Code.RESOURCE_EXHAUSTED);
    }
  }

  private static Status.Code code(ListenableFuture<?> call) throws InterruptedException {
    try {
      return call.get() == null ? Status.Code.UNKNOWN : Status.Code.OK;
    } catch (ExecutionException e) {
      return Status.fromThrowable(e).getCode();
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosed() throws Exception {
    List<ManagedChannel> channels = new ArrayList<>();
    try {
      for (int i = 1; i < ConnectionLimits.MAX_CONNECTIONS; i++) {
        channels.add(connect());
        assertThat(describe(channels.get(i - 1))).isEqualTo(Status.Code.OK);
      }
      ManagedChannel refused = connect();
      channels.add(refused);
      // The channel of the test is the first connection; it connects with its first call.
      assertThat(describe(channel)).isEqualTo(Status.Code.OK);

      assertThat(describe(refused)).isNotEqualTo(Status.Code.OK);

      channels.get(0).shutdownNow();
      while (describe(refused) != Status.Code.OK) {
        refused.resetConnectBackoff();
      }
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static Status.Code describe(Channel channel) {
    try {
      return WorkerGrpc.newBlockingStub(channel)
              .describe(DescribeRequest.getDefaultInstance())
              .hasModel()
          ? Status.Code.OK
          : Status.Code.UNKNOWN;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static GenerateRequest.Builder request() {
    return GenerateRequest.newBuilder()
        .addSegments(IDS)
        .setArm(Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()))
        .setMaxNewTokens(1);
  }

  private void assertInvalid(MethodDescriptor<?, ?> method, Message request, String description) {
    Status status = failure(method, request.toByteArray());
    assertThat(status.getDescription()).isEqualTo(description);
    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private Status failure(MethodDescriptor<?, ?> method, byte[] request) {
    return catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingServerStreamingCall(
                        channel, RawCalls.method(method), CallOptions.DEFAULT, request)
                    .next())
        .getStatus();
  }

  private static byte[] repeated(byte[] pattern, int byteCount) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (bytes.size() < byteCount) {
      bytes.writeBytes(pattern);
    }
    return bytes.toByteArray();
  }

  private static byte[] field(int number, byte[] content) {
    return UnknownFieldSet.newBuilder()
        .addField(
            number,
            UnknownFieldSet.Field.newBuilder()
                .addLengthDelimited(ByteString.copyFrom(content))
                .build())
        .build()
        .toByteArray();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private ManagedChannel connect() {
    return NettyChannelBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
        .usePlaintext()
        .build();
  }
}
