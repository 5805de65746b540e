package ai.cacheblend.worker.grpc;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.DefaultSelectStrategyFactory;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.SelectStrategyFactory;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;

/** The threads that receive and send for a worker, each for the connections that fell to it. */
public final class ServerLoops implements AutoCloseable {
  /**
   * One computes at a time, so few connections are busy; each thread that looks takes a processor.
   */
  private static final int ALERT_THREADS = 2;

  private final EventLoopGroup group;
  private final Class<? extends ServerChannel> channelType;

  /**
   * Threads that start with their first connection.
   *
   * @param alertness how long a thread looks for more before it sleeps, where the system has epoll
   */
  public ServerLoops(Duration alertness) {
    ThreadFactory threads =
        new ThreadFactoryBuilder().setNameFormat("transport-%d").setDaemon(true).build();
    SelectStrategyFactory select =
        alertness.isZero()
            ? DefaultSelectStrategyFactory.INSTANCE
            : () -> new AlertSelect(alertness, Ticker.systemTicker());
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handler =
        epoll ? EpollIoHandler.newFactory(0, select) : NioIoHandler.newFactory();
    // 0: as many as the transport holds to be right.
    group =
        new MultiThreadIoEventLoopGroup(alertness.isZero() ? 0 : ALERT_THREADS, threads, handler);
    channelType = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
  }

  /** A server on these threads. */
  public NettyServerBuilder listenOn(SocketAddress address) {
    return NettyServerBuilder.forAddress(address)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        .channelType(channelType);
  }

  /** Ends by itself when the server's last work is done. */
  @Override
  public void close() {
    Future<?> unused = group.shutdownGracefully();
  }
}
