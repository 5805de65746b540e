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
 * The one thread that receives and sends for a mock worker. What is sent from it goes out without
 * waking another thread, which would come on top of a scripted delay.
 */
final class MockLoop implements AutoCloseable {
  /** Waking a parked thread and then this one takes less, unless the machine is busy. */
  private static final long LEAD_NANOS = 300_000;

  private final EventLoopGroup group;
  private final Class<? extends ServerChannel> channelType;

  MockLoop() {
    boolean epoll = Epoll.isAvailable();
    group =
        new MultiThreadIoEventLoopGroup(
            1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    channelType = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** Has a server use this thread. */
  NettyServerBuilder of(NettyServerBuilder builder) {
    return builder.bossEventLoopGroup(group).workerEventLoopGroup(group).channelType(channelType);
  }

  /**
   * Does {@code work} on this thread when {@link System#nanoTime} is {@code nanos}, or at once if
   * it is cancelled; returns when it is done.
   */
  void at(long nanos, BooleanSupplier cancelled, Runnable work) {
    PreciseWait.until(nanos - LEAD_NANOS, cancelled);
    Future<?> unused =
        group
            .submit(
                () -> {
                  PreciseWait.until(nanos, cancelled);
                  work.run();
                })
            .syncUninterruptibly();
  }

  @Override
  public void close() {
    Future<?> unused = group.shutdownGracefully();
  }
}
