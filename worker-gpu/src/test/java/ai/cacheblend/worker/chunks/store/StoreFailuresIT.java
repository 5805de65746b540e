package ai.cacheblend.worker.chunks.store;

import static ai.cacheblend.worker.chunks.store.StoreFixture.FORM;
import static ai.cacheblend.worker.chunks.store.StoreFixture.KEY;
import static ai.cacheblend.worker.chunks.store.StoreFixture.LONG;
import static ai.cacheblend.worker.chunks.store.StoreFixture.NAME;
import static ai.cacheblend.worker.chunks.store.StoreFixture.chunk;
import static ai.cacheblend.worker.chunks.store.StoreFixture.hash;
import static ai.cacheblend.worker.chunks.store.StoreFixture.read;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.testing.CuttingProxy;
import ai.cacheblend.worker.testing.DirectKv;
import ai.cacheblend.worker.testing.RedisServer;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every failure of a server is a miss, and ends with the failure. */
class StoreFailuresIT {
  private static final Duration SHORT = Duration.ofMillis(200);

  private final StoreFixture stores = new StoreFixture();
  @TempDir private Path folder;

  @AfterEach
  void closeStores() throws Exception {
    stores.close();
  }

  @Test
  void chunksOutliveWorkerAndServer() throws Exception {
    try (RedisServer server = RedisServer.start(folder)) {
      DirectKv kv = chunk(1);
      StoreTier first = stores.tier(server.uri());
      assertThat(first.write(KEY, kv).join()).isTrue();
      first.close();
      StoreTier second = stores.tier(server.uri());
      assertThat(read(second)).contains(hash(kv));

      server.stop();
      assertThat(read(second)).isEmpty();
      assertThat(second.contains(KEY)).isFalse();
      server.start();
      assertThat(read(second)).as("before the next attempt is due").isEmpty();
      stores.passBackOff();

      assertThat(second.contains(KEY)).isTrue();
      assertThat(read(second)).contains(hash(kv));
      assertThat(second.statistics().missCount()).isEqualTo(2);
      assertThat(second.statistics().corruptCount()).isZero();
    }
  }

  @Test
  void twoWorkersShareOneEntry() throws Exception {
    try (RedisServer server = RedisServer.start(folder)) {
      StoreTier one = stores.tier(server.uri());
      StoreTier other = stores.tier(server.uri());
      DirectKv kv = chunk(1);
      DirectKv differing = chunk(2);

      CompletableFuture<Boolean> written = one.write(KEY, kv);
      CompletableFuture<Boolean> alsoWritten = other.write(KEY, differing);

      assertThat(written.join()).isTrue();
      assertThat(alsoWritten.join()).isTrue();
      String content = read(one).orElseThrow();
      assertThat(content).isIn(hash(kv), hash(differing));
      assertThat(read(other)).contains(content);
      RedisCommands<String, byte[]> client = stores.client(server.uri());
      assertThat(client.dbsize()).as("no unfinished entry remains").isEqualTo(1);
      assertThat(client.ttl(NAME)).as("the entry does not expire").isEqualTo(-1);
    }
  }

  @Test
  void evictionDuringLoadIsMiss() throws Exception {
    try (RedisServer server = RedisServer.start(folder)) {
      RedisCommands<String, byte[]> client = stores.client(server.uri());
      StoreTier tier = stores.tier(server.uri());
      tier.write(KEY, chunk(1)).join();

      boolean found = readAndAtFirstLayer(tier, () -> client.unlink(NAME));

      assertThat(found).isFalse();
      assertThat(tier.statistics().missCount()).isEqualTo(1);
      assertThat(tier.statistics().corruptCount()).isZero();
    }
  }

  @Test
  void serverKilledDuringLoadIsMiss() throws Exception {
    try (RedisServer server = RedisServer.start(folder)) {
      StoreTier tier = stores.tier(server.uri());
      tier.write(KEY, chunk(1)).join();

      assertThat(readAndAtFirstLayer(tier, server::kill)).isFalse();
      assertThat(tier.write(KEY, chunk(1)).join()).isFalse();
    }
  }

  @Test
  void serverWithoutReplyIsMissUntilItReplies() throws Exception {
    try (RedisServer server = RedisServer.start(folder)) {
      DirectKv kv = chunk(1);
      stores.tier(server.uri()).write(KEY, kv).join();
      StoreTier tier = stores.tier(server.uri(), Optional.empty(), SHORT);

      server.pause();
      assertThat(read(tier)).isEmpty();
      assertThat(tier.contains(KEY)).isFalse();
      assertThat(tier.write(KEY, kv).join()).isFalse();
      server.resume();
      StoreTier patient = stores.tier(server.uri());

      assertThat(read(patient)).contains(hash(kv));
    }
  }

  @Test
  void connectionCutAnywhereIsMiss() throws Exception {
    try (RedisServer server = RedisServer.start(folder);
        CuttingProxy proxy = new CuttingProxy(server.port())) {
      DirectKv kv = chunk(1);
      stores.tier(server.uri()).write(KEY, kv).join();
      StoreTier tier = stores.tier("redis://127.0.0.1:" + proxy.port());
      long step = FORM.byteCount() / 12;
      for (long cut = 0; cut < FORM.byteCount(); cut += step) {
        proxy.cutAfter(cut);
        assertThat(read(tier)).as("cut after %d bytes", cut).isEmpty();
        proxy.cutAfter(Long.MAX_VALUE);
        stores.passBackOff();
        assertThat(read(tier)).contains(hash(kv));
      }
      assertThat(tier.statistics().corruptCount()).isZero();
    }
  }

  @Test
  void interruptedWriteLeavesNoEntry() throws Exception {
    try (RedisServer server = RedisServer.start(folder);
        CuttingProxy proxy = new CuttingProxy(server.port())) {
      StoreTier tier = stores.tier("redis://127.0.0.1:" + proxy.port());
      assertThat(tier.contains(KEY)).isFalse();

      proxy.cutAfter(40);
      assertThat(tier.write(KEY, chunk(1)).join()).isFalse();

      RedisCommands<String, byte[]> client = stores.client(server.uri());
      assertThat(client.exists(NAME)).isZero();
      for (String name : client.keys("*")) {
        assertThat(client.ttl(name)).as("an unfinished entry expires").isPositive();
      }
    }
  }

  @Test
  void onlyTheRightPasswordReads() throws Exception {
    try (RedisServer server = RedisServer.start(folder, "--requirepass", "right")) {
      String host = "127.0.0.1:" + server.port();
      DirectKv kv = chunk(1);
      StoreTier right = stores.tier("redis://:right@" + host);
      assertThat(right.write(KEY, kv).join()).isTrue();
      assertThat(read(right)).contains(hash(kv));
      assertThat(read(stores.tier("redis://default:right@" + host + "/0"))).contains(hash(kv));

      for (String uri : new String[] {"redis://:wrong@" + host, "redis://" + host}) {
        StoreTier wrong = stores.tier(uri);
        assertThat(read(wrong)).isEmpty();
        assertThat(wrong.contains(KEY)).isFalse();
        assertThat(wrong.write(KEY, kv).join()).isFalse();
      }
    }
  }

  @Test
  void fullServerRefusesChunksAndServesThoseItHas() throws Exception {
    try (RedisServer server =
        RedisServer.start(folder, "--maxmemory", "4mb", "--maxmemory-policy", "noeviction")) {
      StoreTier tier = stores.tier(server.uri());
      DirectKv kv = chunk(1);
      assertThat(tier.write(KEY, kv).join()).isTrue();
      int refused = 0;
      for (int i = 0; i < 8; i++) {
        stores.passBackOff();
        refused += tier.write(new ChunkKey("%064x".formatted(i)), chunk(i)).join() ? 0 : 1;
      }

      assertThat(refused).isPositive();
      assertThat(read(tier)).contains(hash(kv));
    }
  }

  @Test
  void evictingServerTakesNewChunks() throws Exception {
    try (RedisServer server =
        RedisServer.start(folder, "--maxmemory", "6mb", "--maxmemory-policy", "allkeys-lru")) {
      StoreTier tier = stores.tier(server.uri());
      tier.write(KEY, chunk(1)).join();
      for (int i = 0; i < 12; i++) {
        assertThat(tier.write(new ChunkKey("%064x".formatted(i)), chunk(i)).join()).isTrue();
      }

      assertThat(read(tier)).isEmpty();
      assertThat(tier.statistics().corruptCount()).isZero();
    }
  }

  @Test
  void tlsNeedsTheAuthorityThatSignedTheServer() throws Exception {
    Path certificates = certificates();
    try (RedisServer server = RedisServer.startTls(folder, certificates)) {
      String uri = "rediss://localhost:" + server.port();
      DirectKv kv = chunk(1);
      StoreTier tier = stores.tier(uri, Optional.of(certificates.resolve("ca.pem")), LONG);
      assertThat(tier.write(KEY, kv).join()).isTrue();
      assertThat(read(tier)).contains(hash(kv));

      Optional<Path> other = Optional.of(certificates.resolve("other-ca.pem"));
      assertThat(read(stores.tier(uri, other, LONG))).isEmpty();
      assertThat(read(stores.tier(uri))).as("authorities of the JVM").isEmpty();
    }
  }

  private static Path certificates() throws Exception {
    return Path.of(StoreFailuresIT.class.getResource("/tls/ca.pem").toURI()).getParent();
  }

  private interface Action {
    void run() throws IOException, InterruptedException;
  }

  private static boolean readAndAtFirstLayer(StoreTier tier, Action action) {
    IntConsumer layerRead =
        layer -> {
          if (layer == 0) {
            try {
              action.run();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    return tier.read(KEY, new DirectKv(FORM), layerRead).join();
  }
}
