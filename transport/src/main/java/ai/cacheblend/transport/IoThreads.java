package ai.cacheblend.transport;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * Daemon threads that send and receive for gRPC channels or servers: epoll where the system has it,
 * NIO otherwise. Only epoll threads busy-poll. Methods may be called from any thread.
 */
public final class IoThreads implements AutoCloseable {
  /** Netty's default count: two per processor. */
  public static final int DEFAULT_COUNT = 0;

  private final boolean epoll = Epoll.isAvailable();
  private final EventLoopGroup group;
  private volatile long busyPollNanos;

  /**
   * Threads that block until there is work; each starts with its first connection or task.
   *
   * @param count number of threads, or {@link #DEFAULT_COUNT}
   * @param name thread name; more than one thread get a number behind it
   */
  public IoThreads(int count, String name) {
    this(count, name, Ticker.systemTicker());
  }

  IoThreads(int count, String name, Ticker ticker) {
    ThreadFactory threads =
        new ThreadFactoryBuilder()
            .setNameFormat(name.replace("%", "%%") + (count == 1 ? "" : "-%d"))
            .setDaemon(true)
            .build();
    IoHandlerFactory handler =
        epoll
            ? EpollIoHandler.newFactory(
                0, () -> new BusyPollSelectStrategy(() -> busyPollNanos, ticker))
            : NioIoHandler.newFactory();
    group = new MultiThreadIoEventLoopGroup(count, threads, handler);
  }

  /** Sets how long each thread polls for work before it blocks; takes effect at once. */
  public void setBusyPollDuration(Duration duration) {
    busyPollNanos = duration.toNanos();
  }

  /** A channel builder on these threads. */
  public NettyChannelBuilder channel(String host, int port, ChannelCredentials credentials) {
    return NettyChannelBuilder.forAddress(host, port, credentials)
        .eventLoopGroup(group)
        .channelType(epoll ? EpollSocketChannel.class : NioSocketChannel.class);
  }

  /** A server builder on these threads, for plain text. */
  public NettyServerBuilder server(SocketAddress address) {
    return server(address, InsecureServerCredentials.create());
  }

  /** A server builder on these threads. */
  public NettyServerBuilder server(SocketAddress address, ServerCredentials credentials) {
    return NettyServerBuilder.forAddress(address, credentials)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        .channelType(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
  }

  /**
   * Runs {@code work} on one of the threads.
   *
   * @param onFailure gets what {@code work} throws
   */
  public void execute(Runnable work, Consumer<Throwable> onFailure) {
    group.execute(
        () -> {
          try {
            work.run();
          } catch (Throwable e) {
            onFailure.accept(e);
          }
        });
  }

  /** Returns at once; the threads end when channels and servers have done their last work. */
  @Override
  public void close() {
    Future<?> unused = group.shutdownGracefully();
  }
}
