package ai.cacheblend.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class IoThreadsTest {
  private final FakeTicker ticker = new FakeTicker();

  @Test
  void threadsServeBeforeDuringAndAfterBusyPolling() throws Exception {
    assumeTrue(Epoll.isAvailable());
    try (Connection connection = new Connection()) {
      connection.call();
      assertThat(ticker.readCount).hasValue(0);

      connection.threads.setBusyPollDuration(Duration.ofNanos(100));
      connection.call();
      long before = ticker.readCount.get();
      // Without a task or an event, only a polling thread reads the clock.
      while (ticker.readCount.get() < before + 1000) {
        Thread.onSpinWait();
      }
      connection.call();

      ticker.nanos.addAndGet(100);
      connection.call();
      ticker.nanos.addAndGet(100);
      connection.call();
    }
  }

  @Test
  void singleThreadHasTheNameWithoutANumber() {
    try (IoThreads threads = new IoThreads(1, "calls of 100%", ticker)) {
      CompletableFuture<String> name = new CompletableFuture<>();
      threads.execute(
          () -> name.complete(Thread.currentThread().getName()), name::completeExceptionally);

      assertThat(name.join()).isEqualTo("calls of 100%");
    }
  }

  @Test
  void exceptionsOfTasksAreReported() {
    try (IoThreads threads = new IoThreads(1, "io", ticker)) {
      CompletableFuture<Throwable> thrown = new CompletableFuture<>();
      AssertionError error = new AssertionError("expected");
      threads.execute(
          () -> {
            throw error;
          },
          thrown::complete);

      assertThat(thrown.join()).isSameAs(error);
    }
  }

  /** A server and a channel to it, on the same two threads. */
  private final class Connection implements AutoCloseable {
    private final IoThreads threads = new IoThreads(2, "io", ticker);
    private final Server server;
    private final ManagedChannel channel;

    Connection() throws Exception {
      server =
          threads
              .server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(new HealthStatusManager().getHealthService())
              .build()
              .start();
      channel =
          threads
              .channel("127.0.0.1", server.getPort(), InsecureChannelCredentials.create())
              .build();
    }

    void call() {
      assertThat(
              HealthGrpc.newBlockingStub(channel)
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
    }

    @Override
    public void close() {
      channel.shutdownNow();
      server.shutdownNow();
      threads.close();
    }
  }
}
