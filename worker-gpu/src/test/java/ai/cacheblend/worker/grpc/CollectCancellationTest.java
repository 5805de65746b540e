package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.CollectRequest;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.ResetRequest;
import ai.cacheblend.proto.v1.Segment;
import ai.cacheblend.proto.v1.TokenIdCodec;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class CollectCancellationTest {
  private static final String ADDRESS = "collect-cancellation-test";

  @Test
  void cancelledCollectComputesNoFurtherChunk() throws Exception {
    EngineFixture fixture = new EngineFixture();
    WorkerServer server =
        new WorkerServer(
            InProcessServerBuilder.forName(ADDRESS),
            fixture.engine,
            ServiceFixture.description(),
            ServerAccess.OPEN,
            Duration.ofSeconds(5),
            Ticker.systemTicker());
    server.start();
    ManagedChannel channel = InProcessChannelBuilder.forName(ADDRESS).build();
    try {
      WorkerGrpc.WorkerBlockingStub worker = WorkerGrpc.newBlockingStub(channel);
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch release = new CountDownLatch(1);
      fixture.runner.beforeStep(
          step -> {
            started.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      ListenableFuture<?> call =
          WorkerGrpc.newFutureStub(channel)
              .collect(
                  CollectRequest.newBuilder()
                      .addChunks(chunk(1))
                      .addChunks(chunk(2))
                      .addChunks(chunk(3))
                      .build());
      started.await();
      call.cancel(true);
      while (worker
              .describe(DescribeRequest.getDefaultInstance())
              .getLeases()
              .getActiveRequestCount()
          > 0) {
        Thread.onSpinWait();
      }
      release.countDown();

      // Runs after the cancelled call.
      assertThat(worker.reset(ResetRequest.getDefaultInstance()).getDroppedChunkCount())
          .isLessThanOrEqualTo(1);
      assertThat(fixture.runner.steps()).hasSize(1);
    } finally {
      channel.shutdownNow();
      server.shutDown(Duration.ofSeconds(5));
      fixture.close();
    }
  }

  private static Segment chunk(int id) {
    return Segment.newBuilder().setTokenIds(TokenIdCodec.encode(id, id, id)).build();
  }
}
