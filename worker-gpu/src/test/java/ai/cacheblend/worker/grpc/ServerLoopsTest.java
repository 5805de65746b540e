package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ServerLoopsTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Of tests before, which go on for a while and end. */
  private final Set<Long> earlierThreads =
      Arrays.stream(THREADS.getAllThreadIds()).boxed().collect(Collectors.toSet());

  @Test
  void alertThreadsServeAndLookForMore() throws Exception {
    try (Served served = new Served(Duration.ofMinutes(10))) {
      served.call();
      long before = cpuNanos();
      while (cpuNanos() < before + 200_000_000) {
        Thread.sleep(1);
      }
      served.call();
    }
  }

  @Test
  void theySleepAfterAWhile() throws Exception {
    try (Served served = new Served(Duration.ofMillis(50))) {
      served.call();
      awaitSleep();
      served.call();
      awaitSleep();
    }
  }

  @Test
  void othersSleepAtOnce() throws Exception {
    try (Served served = new Served(Duration.ZERO)) {
      served.call();
      long before = cpuNanos();
      Thread.sleep(500);
      // One that looks for more takes a good part of the time, be it on a busy machine.
      assertThat(cpuNanos() - before).isLessThan(50_000_000);
      served.call();
    }
  }

  private void awaitSleep() throws InterruptedException {
    long before;
    do {
      before = cpuNanos();
      Thread.sleep(200);
    } while (cpuNanos() > before + 20_000_000);
  }

  /** Of the transport's threads. */
  private long cpuNanos() {
    long sum = 0;
    for (long id : THREADS.getAllThreadIds()) {
      var thread = THREADS.getThreadInfo(id);
      if (thread != null
          && thread.getThreadName().startsWith("transport-")
          && !earlierThreads.contains(id)) {
        sum += Math.max(0, THREADS.getThreadCpuTime(id));
      }
    }
    return sum;
  }

  /** A server and a caller. */
  private static final class Served implements AutoCloseable {
    private final ServerLoops loops;
    private final Server server;
    private final ManagedChannel channel;

    Served(Duration alertness) throws Exception {
      loops = new ServerLoops(alertness);
      server =
          loops
              .listenOn(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
              .addService(new HealthStatusManager().getHealthService())
              .build()
              .start();
      channel =
          NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
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
      loops.close();
    }
  }
}
