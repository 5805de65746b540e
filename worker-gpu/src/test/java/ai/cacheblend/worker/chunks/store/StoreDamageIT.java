package ai.cacheblend.worker.chunks.store;

import static ai.cacheblend.worker.chunks.store.StoreFixture.KEY;
import static ai.cacheblend.worker.chunks.store.StoreFixture.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.testing.DirectKv;
import ai.cacheblend.worker.testing.RedisServer;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A value that was changed on the server is never returned: it is counted and removed. */
@ParameterizedClass
@EnumSource
class StoreDamageIT {

  /** Beside the layers, every byte of the header would be 4096 reads. */
  private static final int HEADER_STEP = 13;

  private final StoreFixture stores = new StoreFixture();
  private final KvEncoding encoding;
  private final KvForm tiny;
  private final String name;
  @TempDir private Path folder;
  private RedisServer server;
  private RedisCommands<String, byte[]> client;
  private StoreTier tier;

  StoreDamageIT(KvEncoding encoding) {
    this.encoding = encoding;
    tiny = new KvForm(new KvShape(2, 1, 4), Element.BF16, 3, encoding);
    name = NAME.replace("native", encoding.id());
  }

  @BeforeEach
  void writeEntry() throws Exception {
    server = RedisServer.start(folder);
    tier = stores.tier(server.uri(), encoding);
    client = stores.client(server.uri());
    assertThat(tier.write(KEY, DirectKv.random(tiny, 1)).join()).isTrue();
  }

  @AfterEach
  void stopServer() throws Exception {
    stores.close();
    server.close();
  }

  @Test
  void flippedBytesAreCorrupt() {
    int damaged = 0;
    for (Map.Entry<String, byte[]> field : fields().entrySet()) {
      int step = field.getValue().length > 1000 ? HEADER_STEP : 1;
      for (int i = 0; i < field.getValue().length; i += step) {
        byte[] value = field.getValue().clone();
        value[i] ^= (byte) (1 << i % 8);
        requireCorrupt(field.getKey(), value, ++damaged);
      }
    }
    assertThat(damaged).isGreaterThan(380);
  }

  @Test
  void truncatedValuesAreCorrupt() {
    int damaged = 0;
    for (Map.Entry<String, byte[]> field : fields().entrySet()) {
      int step = field.getValue().length > 1000 ? HEADER_STEP : 1;
      for (int size = 0; size < field.getValue().length; size += step) {
        requireCorrupt(field.getKey(), Arrays.copyOf(field.getValue(), size), ++damaged);
      }
    }
    assertThat(damaged).isGreaterThan(380);
  }

  @Test
  void valueOfAnotherTypeIsMiss() {
    client.del(name);
    client.set(name, new byte[1]);

    assertThat(tier.read(KEY, new DirectKv(tiny), layer -> {}).join()).isFalse();
  }

  private Map<String, byte[]> fields() {
    Map<String, byte[]> fields = client.hgetall(name);
    assertThat(fields).hasSize(3);
    return fields;
  }

  private void requireCorrupt(String field, byte[] value, int damagedCount) {
    Map<String, byte[]> intact = fields();
    client.hset(name, field, value);
    assertThat(tier.read(KEY, new DirectKv(tiny), layer -> {}).join()).isFalse();
    assertThat(tier.statistics().corruptCount()).isEqualTo(damagedCount);
    assertThat(tier.contains(KEY)).isFalse();
    client.hset(name, intact);
  }
}
