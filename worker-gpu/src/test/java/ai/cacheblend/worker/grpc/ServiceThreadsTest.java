package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostMeter;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.GenerateResponse;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.device.GpuStatistics;
import ai.cacheblend.worker.model.ChatFormat;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads of the service. With the in-process transport, the calling thread is the I/O thread. */
@Timeout(120)
class ServiceThreadsTest {
  private static final String ADDRESS = "service-threads-test";
  private static final Segment IDS =
      Segment.newBuilder().setTokenIds(TokenIdCodec.encode(1, 2, 3)).build();
  private static final Segment TEXT = Segment.newBuilder().setText("abc").build();

  private final AtomicReference<Thread> samplingThread = new AtomicReference<>();
  private final EngineFixture fixture = new EngineFixture();
  private final WorkerServer server =
      new WorkerServer(
          InProcessServerBuilder.forName(ADDRESS),
          fixture.engine,
          description(),
          ServerAccess.OPEN,
          Duration.ofSeconds(5),
          Ticker.systemTicker());
  private final ManagedChannel channel =
      InProcessChannelBuilder.forName(ADDRESS).directExecutor().build();
  private final WorkerGrpc.WorkerFutureStub calls = WorkerGrpc.newFutureStub(channel);
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void start() throws Exception {
    server.start();
    DescribeResponse unused = calls.describe(DescribeRequest.getDefaultInstance()).get();
  }

  @AfterEach
  void end() throws Exception {
    release.countDown();
    channel.shutdownNow();
    server.shutDown(Duration.ofSeconds(5));
    fixture.close();
  }

  @Test
  void requestOfTokenIdsIsQueuedOnTheTransportThread() throws Exception {
    blockSteps();
    ListenableFuture<CollectResponse> running = collect(IDS);
    while (fixture.engine.waitingCount() > 0) {
      Thread.sleep(1);
    }

    ListenableFuture<CollectResponse> waiting = collect(IDS);

    assertThat(fixture.engine.waitingCount()).isEqualTo(1);
    release.countDown();
    assertThat(running.get().getChunksCount()).isEqualTo(1);
    assertThat(waiting.get().getChunksCount()).isEqualTo(1);
  }

  @Test
  void textIsTokenizedOnAnotherThread() throws Exception {
    assertThat(collect(TEXT).get().getChunks(0).getTokenCount()).isEqualTo(3);
    assertThat(fixture.codec.encodingThread()).isNotSameAs(Thread.currentThread());

    TokenizeResponse tokenized =
        calls.tokenize(TokenizeRequest.newBuilder().addTexts("abc").build()).get();
    assertThat(tokenized.getTokenIdsCount()).isEqualTo(1);
    assertThat(fixture.codec.encodingThread()).isNotSameAs(Thread.currentThread());
  }

  @Test
  void textBeyondTheQueueOfTheTokenizerIsRefused() throws Exception {
    fixture.codec.beforeEncode(
        () -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    int threads = Math.min(4, Runtime.getRuntime().availableProcessors());
    List<ListenableFuture<TokenizeResponse>> accepted = new ArrayList<>();
    for (int call = 0; call < threads + fixture.engine.queueCapacity(); call++) {
      accepted.add(calls.tokenize(TokenizeRequest.newBuilder().addTexts("abc").build()));
    }

    ListenableFuture<CollectResponse> refused = collect(TEXT);

    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(refused::get)
        .satisfies(
            e ->
                assertThat(Status.fromThrowable(e).getCode())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    // Other calls do not wait for the tokenizer.
    assertThat(calls.describe(DescribeRequest.getDefaultInstance()).get().hasModel()).isTrue();
    assertThat(collect(IDS).get().getChunksCount()).isEqualTo(1);
    release.countDown();
    for (ListenableFuture<TokenizeResponse> call : accepted) {
      assertThat(call.get().getTokenIdsCount()).isEqualTo(1);
    }
  }

  @Test
  void deviceIsSampledOnAnotherThread() {
    assertThat(samplingThread.get()).isNotNull().isNotSameAs(Thread.currentThread());
  }

  @Test
  void headersDoNotWaitForTheFirstToken() throws Exception {
    blockSteps();
    CountDownLatch headers = new CountDownLatch(1);
    CountDownLatch message = new CountDownLatch(1);
    ClientCall<GenerateRequest, GenerateResponse> call =
        channel.newCall(WorkerGrpc.getGenerateMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onHeaders(Metadata received) {
            headers.countDown();
          }

          @Override
          public void onMessage(GenerateResponse received) {
            message.countDown();
          }
        },
        new Metadata());
    call.request(10);
    call.sendMessage(
        GenerateRequest.newBuilder()
            .addSegments(IDS)
            .setArm(Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()))
            .setMaxNewTokens(1)
            .build());
    call.halfClose();

    assertThat(headers.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(message.getCount()).isEqualTo(1);
    release.countDown();
    assertThat(message.await(60, TimeUnit.SECONDS)).isTrue();
  }

  private ListenableFuture<CollectResponse> collect(Segment chunk) {
    return calls.collect(CollectRequest.newBuilder().addChunks(chunk).build());
  }

  private void blockSteps() {
    fixture.runner.beforeStep(
        step -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  private WorkerDescription description() {
    Gpu gpu =
        new Gpu() {
          @Override
          public Identity identity() {
            return new Identity("Some GPU", "GPU-0", "", "", "");
          }

          @Override
          public GpuStatistics sample() {
            samplingThread.set(Thread.currentThread());
            throw new IllegalStateException("no statistics");
          }
        };
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
            "/models/fake",
            ChatFormat.NONE),
        WorkerDescription.Device.cuda(gpu),
        new WorkerDescription.Versions(
            new Build("0", Optional.of("abc"), true, "c0de"), "11b", true, "0", "17"),
        new WorkerDescription.Launch(List.of("--threads=1"), List.of("-Xmx1g")),
        HostMeter.system());
  }
}
