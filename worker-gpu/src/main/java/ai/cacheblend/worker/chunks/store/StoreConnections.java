package ai.cacheblend.worker.chunks.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandHandler;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Connections to one server: opened at the first use, and again after a reset. Thread-safe. */
final class StoreConnections implements AutoCloseable {
  /** Stays in the cache of a processor until it is copied. */
  private static final int RECEIVE_BYTES = 256 << 10;

  private final StoreOptions options;
  private final RedisURI uri;
  private final ClientResources resources;
  private final RedisClient client;

  @GuardedBy("this")
  private CompletableFuture<List<StatefulRedisConnection<String, LayerBytes>>> connections;

  StoreConnections(StoreOptions options) {
    this.options = options;
    this.uri = options.address().redisUri(options.timeout());
    this.resources =
        ClientResources.builder()
            .ioThreadPoolSize(Math.max(2, options.connectionCount()))
            .computationThreadPoolSize(2)
            .nettyCustomizer(new ReceiveLayers())
            .build();
    this.client = RedisClient.create(resources, uri);
    client.setOptions(clientOptions(options));
  }

  /** Adds a {@link LayerReceiver} to each connection, in front of its decoder. */
  private static final class ReceiveLayers implements NettyCustomizer {
    @Override
    public void afterBootstrapInitialized(Bootstrap bootstrap) {
      bootstrap.option(
          ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES));
      // Netty's default allocates buffers of this size anew, and zeroes them.
      bootstrap.option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT);
    }

    @Override
    public void afterChannelInitialized(Channel channel) {
      ChannelPipeline pipeline = channel.pipeline();
      pipeline.addBefore(
          pipeline.context(CommandHandler.class).name(), "layers", new LayerReceiver());
    }
  }

  /** A lost connection fails its commands; {@link #reset} makes way for new ones. */
  private static ClientOptions clientOptions(StoreOptions options) {
    SslOptions.Builder ssl = SslOptions.builder().jdkSslProvider();
    options.authority().ifPresent(file -> ssl.trustManager(file.toFile()));
    return ClientOptions.builder()
        .autoReconnect(false)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .protocolVersion(ProtocolVersion.RESP2)
        .socketOptions(SocketOptions.builder().connectTimeout(options.timeout()).build())
        .sslOptions(ssl.build())
        .timeoutOptions(TimeoutOptions.enabled(options.timeout()))
        .build();
  }

  /** As many as the options say, or exceptionally the reason why there are none. */
  synchronized CompletableFuture<List<StatefulRedisConnection<String, LayerBytes>>> get() {
    if (connections == null) {
      connections = connect();
    }
    return connections;
  }

  private CompletableFuture<List<StatefulRedisConnection<String, LayerBytes>>> connect() {
    List<CompletableFuture<StatefulRedisConnection<String, LayerBytes>>> opening =
        Stream.generate(() -> client.connectAsync(StoreCodec.INSTANCE, uri).toCompletableFuture())
            .limit(options.connectionCount())
            .toList();
    return CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new))
        .thenApply(all -> opening.stream().map(CompletableFuture::join).toList())
        .whenComplete(
            (all, failure) -> {
              if (failure != null) {
                opening.forEach(StoreConnections::close);
              }
            });
  }

  /** Closes the connections; the next use opens others. */
  synchronized void reset() {
    if (connections != null) {
      var unused = connections.thenAccept(all -> all.forEach(StoreConnections::close));
      connections = null;
    }
  }

  private static void close(
      CompletableFuture<StatefulRedisConnection<String, LayerBytes>> opening) {
    var unused = opening.thenAccept(StoreConnections::close);
  }

  private static void close(StatefulRedisConnection<String, LayerBytes> connection) {
    if (connection.isOpen()) {
      var unused = connection.closeAsync();
    }
  }

  @Override
  public void close() {
    reset();
    client.shutdown(Duration.ZERO, options.timeout());
    var unused = resources.shutdown(0, options.timeout().toMillis(), TimeUnit.MILLISECONDS);
  }
}
