package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.Lease;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A mock worker on a loopback port. */
public final class MockWorker implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  private final MockJournal journal = new MockJournal();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final MockLeases leases = new MockLeases();
  private final MockLoop loop;
  private final Server server;
  private final String address;

  private MockWorker(MockScript script, MockClock clock, InetAddress host) throws IOException {
    loop = new MockLoop(clock);
    MockFaults faults = new MockFaults(script.faults(), this::kill);
    server =
        loop.configure(NettyServerBuilder.forAddress(new InetSocketAddress(host, 0)))
            .executor(executor)
            .addStreamTracerFactory(new Arrival.Factory(clock))
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .intercept(leases)
            .addService(new MockService(script, faults, journal, clock, loop, leases))
            .addService(new HealthStatusManager().getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build()
            .start();
    address = HostAndPort.fromParts(InetAddresses.toAddrString(host), server.getPort()).toString();
  }

  /** Starts one on a free port, in real time. */
  public static MockWorker start(MockScript script) throws IOException {
    return start(script, MockClock.system());
  }

  /** Starts one on a free port. */
  public static MockWorker start(MockScript script, MockClock clock) throws IOException {
    return new MockWorker(script, clock, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
  }

  /** Starts one on a free port of an address of this host, in real time. */
  public static MockWorker startAt(InetAddress host) throws IOException {
    return new MockWorker(MockScript.sound(), MockClock.system(), host);
  }

  /** {@code HOST:PORT}. */
  public String address() {
    return address;
  }

  public MockJournal journal() {
    return journal;
  }

  /** Ends the leases of all clients, as if they had not been renewed. */
  public void endLeases() {
    leases.endAll();
  }

  /** Holders of leases, in the order of acquisition. */
  public List<String> leaseHolders() {
    return leases.statistics().getLeasesList().stream().map(Lease::getHolder).toList();
  }

  /** Closes the port and every connection at once. */
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
