package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.TestDevice;
import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.WritePolicy;
import ai.cacheblend.worker.chunks.store.StoreAddress;
import ai.cacheblend.worker.chunks.store.StoreOptions;
import ai.cacheblend.worker.chunks.store.StoreTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.testing.RedisServer;
import com.google.common.base.Ticker;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Chunks that come from a server give the results of chunks on the device. */
@Timeout(120)
@ParameterizedClass
@EnumSource(names = {"NATIVE", "FP8"})
class StoreInvariantsIT {
  private static final SmallModel MODEL = SmallModel.GROUPED;
  private static final long DEVICE_BYTES = 64L << 20;
  private static final long HOST_BYTES = 16L << 20;
  private static final Arm ARM = Arms.byValue(0.15);

  /** Ends a hung test. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final KvEncoding encoding;
  private RedisServer server;
  private TestWorker worker;
  private Run expected;

  StoreInvariantsIT(KvEncoding encoding) {
    this.encoding = encoding;
  }

  @BeforeEach
  void storeChunks() throws Exception {
    server = RedisServer.start(folder);
    worker = open();
    worker.collect(FOUR_CHUNKS);
    expected = worker.run(FOUR_CHUNKS, ARM, 3);
    demote(worker);
  }

  @AfterEach
  void close() {
    worker.close();
    server.close();
  }

  @Test
  void everyArmGivesTheSameFromTheStore() {
    for (Arm arm : List.of(Arms.FULL_KV_REUSE, ARM, Arms.queryAttention(0.15))) {
      Run stored = worker.run(FOUR_CHUNKS, arm, 3);
      Run device = worker.run(FOUR_CHUNKS, arm, 3);
      demote(worker);

      assertThat(stored.result().chunkRows()).containsOnlyKeys(TierKind.STORE);
      assertThat(device.result().chunkRows()).containsOnlyKeys(TierKind.DEVICE);
      assertThat(stored.tokens()).isEqualTo(device.tokens());
      assertThat(stored.activeRows()).isEqualTo(device.activeRows());
      Closeness.assertClose(arm.toString(), stored.kv(), device.kv());
    }
  }

  @Test
  void anotherWorkerFindsTheChunks() {
    Run stored = worker.run(FOUR_CHUNKS, ARM, 3);
    try (TestWorker other = open()) {
      assertThat(other.collect(FOUR_CHUNKS).chunks()).allMatch(chunk -> chunk.hit());
      Run run = other.run(FOUR_CHUNKS, ARM, 3);

      assertThat(run.result().chunkRows()).containsOnlyKeys(TierKind.STORE);
      assertThat(run.tokens()).isEqualTo(stored.tokens());
      Closeness.assertClose("another worker", run.kv(), stored.kv());
    }
  }

  @Test
  void damagedEntryIsComputedAgain() {
    RedisClient client = RedisClient.create(server.uri());
    RedisCommands<String, byte[]> commands =
        client.connect(RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE)).sync();
    int damaged = 0;
    for (String entry : commands.keys("cacheblend:*")) {
      byte[] layer = commands.hget(entry, "1");
      layer[layer.length / 2] ^= 4;
      commands.hset(entry, Map.of("1", layer));
      damaged++;
    }
    client.shutdown();

    Run run = worker.run(FOUR_CHUNKS, ARM, 3);

    assertThat(run.tokens()).isEqualTo(expected.tokens());
    Closeness.assertClose("after damage", run.kv(), expected.kv());
    assertThat(worker.engine().tierStatistics().get(1).corruptCount()).isEqualTo(damaged);
  }

  @Test
  void chunksOfALostServerAreComputedAgain() {
    server.kill();

    worker.collect(FOUR_CHUNKS);
    Run run = worker.run(FOUR_CHUNKS, ARM, 3);

    assertThat(run.result().chunkRows()).containsOnlyKeys(TierKind.DEVICE);
    assertThat(run.tokens()).isEqualTo(expected.tokens());
  }

  private TestWorker open() {
    return new TestWorker(MODEL, new BatchLimits(4, 64), this::openTiers);
  }

  private ChunkTiers openTiers(KvPool pool) {
    StoreOptions options =
        new StoreOptions(new StoreAddress(server.uri()), Optional.empty(), LIMIT, LIMIT, 2);
    return new ChunkTiers(
        DEVICE_BYTES,
        pool,
        count -> new KvForm(MODEL.shape(), TestDevice.kvStorage().element(), count, encoding),
        Optional.of(new HostTier(pool.allocateHost(HOST_BYTES), Ticker.systemTicker())),
        List.of(
            new StoreTier(MODEL.profile().fingerprint(), encoding, options, Ticker.systemTicker())),
        WritePolicy.THROUGH,
        Ticker.systemTicker());
  }

  private static void demote(TestWorker worker) {
    List<ChunkKey> keys =
        Prompts.chunks(FOUR_CHUNKS).stream().map(PlacedChunk::tokenIds).map(worker::key).toList();
    worker.engine().demote(keys, TierKind.STORE, Interruption.NEVER).result().join();
  }
}
