package ai.cacheblend.mock;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A mock worker on a port of this machine. */
public final class MockWorker implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final MockJournal journal = new MockJournal();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final MockLoop loop = new MockLoop();
  private final Server server;
  private final String address;

  private MockWorker(MockScript script, int port) throws IOException {
    MockFaults faults = new MockFaults(script.faults(), this::kill);
    server =
        loop.of(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
            .executor(executor)
            .addStreamTracerFactory(new Arrival.Factory())
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .addService(new MockService(script, faults, journal, loop))
            .addService(new HealthStatusManager().getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build()
            .start();
    address = "127.0.0.1:" + server.getPort();
  }

  /** Starts one on a free port. */
  public static MockWorker start(MockScript script) throws IOException {
    return new MockWorker(script, 0);
  }

  /** {@code HOST:PORT}. */
  public String address() {
    return address;
  }

  public MockJournal journal() {
    return journal;
  }

  /** Goes away at once, in the middle of whatever it is doing. */
  public void kill() {
    server.shutdownNow();
  }

  @Override
  public void close() {
    kill();
    executor.shutdownNow();
    loop.close();
  }
}
