package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.store.StoreAddress;
import ai.cacheblend.worker.chunks.store.StoreOptions;
import ai.cacheblend.worker.chunks.store.StoreTier;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.testing.RedisServer;
import com.google.common.base.Ticker;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class StoreTierIT extends ChunkTierContract {
  /** Ends a hung test. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private RedisServer server;

  @Override
  ChunkTier open() throws Exception {
    server = RedisServer.start(folder);
    StoreOptions options =
        new StoreOptions(new StoreAddress(server.uri()), Optional.empty(), LIMIT, LIMIT, 3);
    return new StoreTier("model", KvEncoding.NATIVE, options, Ticker.systemTicker());
  }

  @Override
  void cutBehindFirstLayer(ChunkKey key) {
    RedisClient client = RedisClient.create(server.uri());
    try (StatefulRedisConnection<String, String> connection = client.connect()) {
      connection.sync().hdel("cacheblend:1:model:native:{" + key.hex() + "}", "1", "2");
    } finally {
      client.shutdown();
    }
  }

  @AfterEach
  void stopServer() throws Exception {
    server.close();
  }
}
