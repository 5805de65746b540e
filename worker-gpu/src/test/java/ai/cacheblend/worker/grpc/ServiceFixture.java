package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostMeter;
import ai.cacheblend.proto.v1.Arm;
import ai.cacheblend.proto.v1.CacheBlend;
import ai.cacheblend.proto.v1.CheckStep;
import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.CollectResponse;
import ai.cacheblend.proto.v1.DeviationSelector;
import ai.cacheblend.proto.v1.FullKvReuse;
import ai.cacheblend.proto.v1.FullPrefill;
import ai.cacheblend.proto.v1.GenerateRequest;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.model.ChatFormat;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A worker service on the in-process transport, over an engine of fakes. */
final class ServiceFixture {
  static final Arm FULL = Arm.newBuilder().setFullPrefill(FullPrefill.getDefaultInstance()).build();
  static final Arm REUSE =
      Arm.newBuilder().setFullKvReuse(FullKvReuse.getDefaultInstance()).build();

  final EngineFixture fixture = new EngineFixture(2, 1_000_000);
  final WorkerServer server;
  final ManagedChannel channel;
  final WorkerGrpc.WorkerBlockingStub worker;

  /** Releases {@link #blockSteps}. */
  final CountDownLatch release = new CountDownLatch(1);

  ServiceFixture() throws IOException {
    String address = InProcessServerBuilder.generateName();
    server =
        new WorkerServer(
            InProcessServerBuilder.forName(address),
            fixture.engine,
            description(),
            ServerAccess.OPEN,
            Duration.ofMillis(200),
            Ticker.systemTicker());
    channel = InProcessChannelBuilder.forName(address).build();
    worker = WorkerGrpc.newBlockingStub(channel);
    server.start();
  }

  /** Stops the service and verifies that all memory has been released. */
  void close() throws InterruptedException {
    release.countDown();
    channel.shutdownNow();
    server.shutDown(Duration.ofSeconds(5));
    fixture.close();
    assertThat(fixture.engine.poolStatistics().reservedBlockCount()).isZero();
    assertThat(fixture.memory.liveChunkCount()).isZero();
  }

  /** Steps wait for {@link #release}; the result counts down when the first one waits. */
  CountDownLatch blockSteps() {
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

  void collect(String text) {
    CollectResponse unused =
        worker.collect(CollectRequest.newBuilder().addChunks(text(text, true)).build());
  }

  void awaitFreePool() throws InterruptedException {
    while (fixture.engine.poolStatistics().reservedBlockCount() > 0) {
      Thread.sleep(1);
    }
  }

  static Thread startThread(Runnable action) {
    Thread thread = new Thread(action);
    thread.start();
    return thread;
  }

  static GenerateRequest.Builder request(Arm arm, int maxNewTokens, Segment... segments) {
    return GenerateRequest.newBuilder()
        .addAllSegments(List.of(segments))
        .setArm(arm)
        .setMaxNewTokens(maxNewTokens);
  }

  static Arm blend(DeviationSelector.Tensor tensor, int layer, double share) {
    return Arm.newBuilder()
        .setCacheblend(
            CacheBlend.newBuilder()
                .setDeviation(
                    DeviationSelector.newBuilder()
                        .setTensor(tensor)
                        .addSchedule(CheckStep.newBuilder().setLayer(layer).setShare(share))))
        .build();
  }

  static Segment text(String text, boolean cached) {
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
            "/models/fake",
            ChatFormat.NONE),
        WorkerDescription.Device.cpu("fake", 1, "baseline"),
        new WorkerDescription.Versions(
            new Build("0", Optional.of("abc"), true, "c0de"), "11b", true, "0", "17"),
        new WorkerDescription.Launch(List.of("--threads=1"), List.of("-Xmx1g")),
        HostMeter.system());
  }
}
