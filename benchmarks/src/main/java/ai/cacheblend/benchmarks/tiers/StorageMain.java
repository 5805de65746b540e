package ai.cacheblend.benchmarks.tiers;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.store.StoreAddress;
import ai.cacheblend.worker.chunks.store.StoreOptions;
import ai.cacheblend.worker.chunks.store.StoreTier;
import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.DiskTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.kv.NativeKvPool;
import com.google.common.base.Ticker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Reads chunks from a storage tier into host memory, as a worker does, each time a number arrives
 * on standard input: that many chunks at once. Prints the bytes and the nanoseconds of every such
 * round.
 */
public final class StorageMain {
  private static final String MODEL = "storage-benchmark";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Those of a worker. */
  private static final int CONNECTIONS = 4;

  private final ChunkTier tier;
  private final KvForm form;
  private final List<ChunkKey> keys = new ArrayList<>();
  private final List<HostTier.Lease> memory = new ArrayList<>();

  private StorageMain(ChunkTier tier, HostTier host, KvForm form, int chunkCount) {
    this.tier = tier;
    this.form = form;
    for (int i = 0; i < chunkCount; i++) {
      ChunkKey key = new ChunkKey("%064x".formatted(i));
      keys.add(key);
      memory.add(host.add(key, form, tier.kind()).orElseThrow());
    }
  }

  /**
   * Writes the chunks, then reads them until standard input ends.
   *
   * @param args disk FOLDER or store URI, then the number of chunks, and of tokens in each. Layers
   *     are those of Mistral-7B in bf16.
   */
  public static void main(String[] args) throws IOException {
    KvForm form =
        new KvForm(
            new KvShape(32, 8, 128), Element.BF16, Integer.parseInt(args[3]), KvEncoding.NATIVE);
    int chunkCount = Integer.parseInt(args[2]);
    long byteCount = chunkCount * form.byteCount();
    try (NativeKvPool pool = NativeKvPool.create(KvStorage.host(), form.shape(), 1);
        HostTier host = new HostTier(pool.allocateHost(byteCount), Ticker.systemTicker());
        ChunkTier tier = open(args[0], args[1], byteCount)) {
      StorageMain reader = new StorageMain(tier, host, form, chunkCount);
      reader.write();
      System.out.println("ready");
      BufferedReader rounds =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
      for (String line = rounds.readLine(); line != null; line = rounds.readLine()) {
        long nanos = reader.read(Integer.parseInt(line));
        System.out.println(byteCount + " " + nanos);
      }
    }
  }

  private static ChunkTier open(String kind, String place, long byteCount) throws IOException {
    return switch (kind) {
      case "disk" ->
          DiskTier.open(
              Path.of(place), 2 * byteCount, MODEL, KvEncoding.NATIVE, Ticker.systemTicker());
      case "store" ->
          new StoreTier(
              MODEL,
              KvEncoding.NATIVE,
              new StoreOptions(
                  new StoreAddress(place), Optional.empty(), LIMIT, LIMIT, CONNECTIONS),
              Ticker.systemTicker());
      default -> throw new IllegalArgumentException("tier is " + kind + "; use disk or store");
    };
  }

  private void write() {
    for (int i = 0; i < keys.size(); i++) {
      fill(memory.get(i), i);
      require(tier.write(keys.get(i), memory.get(i)).join(), "was not written");
    }
  }

  /** Numbers that no storage compresses. */
  private static void fill(HostTier.Lease chunk, long seed) {
    Random random = new Random(seed);
    ByteBuffer bytes = chunk.bytes(0, Math.toIntExact(chunk.form().byteCount()));
    while (bytes.hasRemaining()) {
      bytes.putLong(random.nextLong());
    }
  }

  private long read(int atOnce) {
    Semaphore free = new Semaphore(atOnce);
    List<CompletableFuture<Boolean>> reads = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < keys.size(); i++) {
      free.acquireUninterruptibly();
      reads.add(
          tier.read(keys.get(i), memory.get(i), layer -> {})
              .whenComplete((complete, failure) -> free.release()));
    }
    reads.forEach(read -> require(read.join(), "was not read"));
    return System.nanoTime() - begun;
  }

  private void require(boolean done, String what) {
    if (!done) {
      throw new IllegalStateException("a chunk of %d bytes %s".formatted(form.byteCount(), what));
    }
  }
}
