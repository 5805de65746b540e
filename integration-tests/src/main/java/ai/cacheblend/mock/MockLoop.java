package ai.cacheblend.mock;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * The transport thread of a mock worker. Messages sent from it need no wake-up of another thread,
 * which would add to a scripted delay.
 */
final class MockLoop implements AutoCloseable {
  /** Upper bound, on an idle machine, of the time to wake the caller's thread and then this one. */
  private static final long LEAD_NANOS = 300_000;

  private final MockClock clock;
  private final EventLoopGroup group;
  private final Class<? extends ServerChannel> channelType;

  MockLoop(MockClock clock) {
    this.clock = clock;
    boolean epoll = Epoll.isAvailable();
    group =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    channelType = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** Configures a server to use this thread. */
  NettyServerBuilder configure(NettyServerBuilder builder) {
    return builder.bossEventLoopGroup(group).workerEventLoopGroup(group).channelType(channelType);
  }

  /**
   * Runs {@code work} on this thread at {@code nanos}, or at once if it is cancelled; returns when
   * it is done.
   */
  void at(long nanos, BooleanSupplier cancelled, Runnable work) {
    clock.waitUntil(nanos - LEAD_NANOS, cancelled);
    Future<?> unused =
        group
            .submit(
                () -> {
                  clock.waitUntil(nanos, cancelled);
                  work.run();
                })
            .syncUninterruptibly();
  }

  @Override
  public void close() {
    Future<?> unused = group.shutdownGracefully();
  }
}
