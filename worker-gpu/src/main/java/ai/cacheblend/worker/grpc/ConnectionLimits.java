package ai.cacheblend.worker.grpc;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits of connections. An idle connection is closed late and an active one is not closed because
 * of its age for a day: the next call of a benchmark would include the time to connect again.
 */
public final class ConnectionLimits extends ServerTransportFilter {
  static final int MAX_CONNECTIONS = 256;
  static final int MAX_CALLS_PER_CONNECTION = 256;

  /**
   * A client may reset this many calls in ten seconds; each costs the worker more than the client.
   */
  private static final int MAX_RESETS = 1000;

  private static final int RESET_WINDOW_SECONDS = 10;
  private static final int MAX_METADATA_BYTES = 16 << 10;

  private static final Attributes.Key<Boolean> COUNTED = Attributes.Key.create("counted");

  private final AtomicInteger connectionCount = new AtomicInteger();

  private ConnectionLimits() {}

  public static NettyServerBuilder apply(NettyServerBuilder builder) {
    return builder
        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
        .maxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .maxConnectionIdle(1, TimeUnit.HOURS)
        .maxConnectionAge(1, TimeUnit.DAYS)
        .maxConnectionAgeGrace(1, TimeUnit.HOURS)
        // Finds connections of hosts that have disappeared.
        .keepAliveTime(60, TimeUnit.SECONDS)
        .keepAliveTimeout(20, TimeUnit.SECONDS)
        // Clients may look for a hung worker, at most this often.
        .permitKeepAliveTime(5, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .addTransportFilter(new ConnectionLimits());
  }

  /** An exception closes the connection. */
  @Override
  public Attributes transportReady(Attributes attributes) {
    if (connectionCount.incrementAndGet() > MAX_CONNECTIONS) {
      connectionCount.decrementAndGet();
      throw new IllegalStateException("the worker has " + MAX_CONNECTIONS + " connections");
    }
    return attributes.toBuilder().set(COUNTED, true).build();
  }

  @Override
  public void transportTerminated(Attributes attributes) {
    if (attributes != null && attributes.get(COUNTED) != null) {
      connectionCount.decrementAndGet();
    }
  }
}
