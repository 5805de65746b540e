package ai.cacheblend.orchestrator.client;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * The one thread that sends and receives for one worker. No other worker's messages wait in it, and
 * a call begun on it is on its way without waking another thread, which would count as the worker's
 * time.
 */
final class EventLoop implements AutoCloseable {
  private final AlertSelect select = new AlertSelect(Ticker.systemTicker());
  private final EventLoopGroup group;
  private final Class<? extends Channel> channelType;

  EventLoop(String name) {
    ThreadFactory threads =
        new ThreadFactoryBuilder().setNameFormat(name.replace("%", "%%")).setDaemon(true).build();
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handler =
        epoll ? EpollIoHandler.newFactory(0, () -> select) : NioIoHandler.newFactory();
    group = new MultiThreadIoEventLoopGroup(1, threads, handler);
    channelType = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Has a channel use this thread. */
  NettyChannelBuilder of(NettyChannelBuilder builder) {
    return builder.eventLoopGroup(group).channelType(channelType);
  }

  /**
   * From now on the thread looks for more for so long before it sleeps: waking it up takes its
   * time, which would count as the worker's.
   */
  void setAlertness(Duration alertness) {
    select.setAlertness(alertness);
  }

  /** Does {@code work} on this thread; what it throws goes to {@code failed}. */
  void run(Runnable work, Consumer<Throwable> failed) {
    group.execute(
        () -> {
          try {
            work.run();
          } catch (RuntimeException e) {
            failed.accept(e);
          }
        });
  }

  /** Ends by itself when the channel's last work is done. */
  @Override
  public void close() {
    Future<?> unused = group.shutdownGracefully();
  }
}
