package ai.cacheblend.worker.chunks.store;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.testing.DirectKv;
import com.google.common.base.Ticker;
import com.google.common.hash.Hashing;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Tiers with a controlled clock, and a client beside them. */
final class StoreFixture implements Closeable {
  static final ChunkKey KEY = new ChunkKey("a".repeat(64));
  static final String NAME = "cacheblend:1:model:native:{" + KEY.hex() + "}";

  /** 16 layers of 64 KiB. */
  static final KvForm FORM =
      new KvForm(new KvShape(16, 8, 64), Element.BF16, 32, KvEncoding.NATIVE);

  /** Ends a hung test. */
  static final Duration LONG = Duration.ofSeconds(60);

  private final AtomicLong nanos = new AtomicLong();
  private final List<Closeable> opened = new ArrayList<>();

  StoreTier tier(String uri) {
    return tier(uri, Optional.empty(), LONG);
  }

  StoreTier tier(String uri, Optional<Path> authority, Duration timeout) {
    return tier(uri, authority, timeout, KvEncoding.NATIVE);
  }

  StoreTier tier(String uri, KvEncoding encoding) {
    return tier(uri, Optional.empty(), LONG, encoding);
  }

  private StoreTier tier(
      String uri, Optional<Path> authority, Duration timeout, KvEncoding encoding) {
    StoreOptions options = new StoreOptions(new StoreAddress(uri), authority, timeout, timeout, 3);
    StoreTier tier =
        new StoreTier(
            "model",
            encoding,
            options,
            new Ticker() {
              @Override
              public long read() {
                return nanos.get();
              }
            });
    opened.add(tier::close);
    return tier;
  }

  /** Lets the next call try a server that was not available. */
  void passBackOff() {
    nanos.addAndGet(Duration.ofSeconds(60).toNanos());
  }

  /** Plain commands, for what the tier does not do. */
  RedisCommands<String, byte[]> client(String uri) {
    RedisClient client = RedisClient.create(uri);
    opened.add(() -> client.shutdown(Duration.ZERO, LONG));
    return client.connect(RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE)).sync();
  }

  static DirectKv chunk(long seed) {
    return DirectKv.random(FORM, seed);
  }

  /** {@link #hash} of what a tier reads, empty for a miss. */
  static Optional<String> read(StoreTier tier) {
    DirectKv read = new DirectKv(FORM);
    return tier.read(KEY, read, layer -> {}).join() ? Optional.of(hash(read)) : Optional.empty();
  }

  static String hash(DirectKv kv) {
    return Hashing.sha256().hashBytes(kv.content()).toString();
  }

  @Override
  public void close() throws IOException {
    for (Closeable one : opened) {
      one.close();
    }
  }
}
