package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.format.ChunkDescription;
import ai.cacheblend.worker.chunks.format.ChunkHeader;
import ai.cacheblend.worker.chunks.format.ChunkLayout;
import ai.cacheblend.worker.chunks.format.Rejection;
import ai.cacheblend.worker.kv.KvEncoding;
import com.google.common.base.Ticker;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks in a folder, one file each, which workers of the same model and encoding can share. The
 * names of the files are the keys; the time of the last use is the modification time. Evicts the
 * least recently used file.
 */
public final class DiskTier implements ChunkTier {
  private static final Logger log = LoggerFactory.getLogger(DiskTier.class);

  private static final String SUFFIX = ".safetensors";
  private static final String TEMPORARY_SUFFIX = ".tmp";

  /** Older temporary files belong to no worker that runs. */
  private static final Duration TEMPORARY_LIFETIME = Duration.ofHours(1);

  private static final int READ_THREADS = 4;
  private static final int VERIFY_THREADS = 2;
  private static final int WRITE_THREADS = 2;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final Path folder;
  private final boolean readsDirectly;
  private final String modelFingerprint;
  private final DiskIndex index;
  private final TierCounters counters;
  private final ExecutorService readers = threads(READ_THREADS, "disk-read-%d");
  private final ExecutorService verifiers = threads(VERIFY_THREADS, "disk-verify-%d");
  private final ExecutorService writers = threads(WRITE_THREADS, "disk-write-%d");

  private DiskTier(Path folder, String modelFingerprint, DiskIndex index, Ticker ticker) {
    this.folder = folder;
    this.readsDirectly = DataFile.readsDirectly(folder);
    this.modelFingerprint = modelFingerprint;
    this.index = index;
    this.counters = new TierCounters(ticker);
  }

  private static ExecutorService threads(int count, String name) {
    return Executors.newFixedThreadPool(
        count, new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
  }

  /**
   * Opens the folder of a model and an encoding, and lists the chunks in it.
   *
   * @param directory of all models; created if it is absent
   * @param budgetByteCount of the files in the folder
   * @throws IOException if the folder cannot be created or read
   */
  public static DiskTier open(
      Path directory,
      long budgetByteCount,
      String modelFingerprint,
      KvEncoding encoding,
      Ticker ticker)
      throws IOException {
    String name =
        encoding == KvEncoding.NATIVE ? modelFingerprint : modelFingerprint + "-" + encoding.id();
    Path folder = Files.createDirectories(directory.resolve(name));
    DiskIndex index = new DiskIndex(budgetByteCount);
    DiskTier tier = new DiskTier(folder, modelFingerprint, index, ticker);
    tier.list();
    index.evict().forEach(tier::delete);
    return tier;
  }

  private record Listed(ChunkKey key, long byteCount, FileTime used) {}

  private void list() throws IOException {
    List<Listed> files = new ArrayList<>();
    for (Path child : children(folder)) {
      for (Path file : Files.isDirectory(child) ? children(child) : List.of(child)) {
        listed(file).ifPresent(files::add);
      }
    }
    files.sort(Comparator.comparing(Listed::used));
    files.forEach(file -> index.put(file.key(), file.byteCount()));
  }

  /** Names alone: files may be renamed or removed meanwhile. */
  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }

  private static Optional<Listed> listed(Path file) {
    String name = file.getFileName().toString();
    try {
      FileTime used = Files.getLastModifiedTime(file);
      if (name.matches("[0-9a-f]{64}\\Q" + SUFFIX + "\\E")) {
        ChunkKey key = new ChunkKey(name.substring(0, name.length() - SUFFIX.length()));
        return Optional.of(new Listed(key, Files.size(file), used));
      }
      Instant oldest = Instant.now().minus(TEMPORARY_LIFETIME);
      if (name.endsWith(TEMPORARY_SUFFIX) && used.toInstant().isBefore(oldest)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      log.debug("disk tier: {} is gone", file, e); // another worker has removed it
    }
    return Optional.empty();
  }

  private Path file(ChunkKey key) {
    return folder.resolve(key.hex().substring(0, 2)).resolve(key.hex() + SUFFIX);
  }

  private ChunkDescription describe(ChunkKey key, KvForm form) {
    return new ChunkDescription(modelFingerprint, key, form);
  }

  @Override
  public TierKind kind() {
    return TierKind.DISK;
  }

  @Override
  public boolean contains(ChunkKey key) {
    // Another worker may have written or removed the file.
    boolean present = Files.exists(file(key));
    if (!present) {
      index.remove(key);
    }
    return present;
  }

  @Override
  public CompletableFuture<Boolean> read(ChunkKey key, HostKv into, IntConsumer layerRead) {
    return run(readers, () -> readNow(key, into, layerRead));
  }

  private boolean readNow(ChunkKey key, HostKv into, IntConsumer layerRead) {
    counters.beginRead();
    boolean complete = false;
    try {
      Path file = file(key);
      Optional<Rejection> rejection =
          ChunkFile.read(
              file, readsDirectly, describe(key, into.form()), into, readers, verifiers, layerRead);
      if (rejection.isPresent()) {
        log.warn("disk tier: removed {}: {}", file, rejection.get().detail());
        counters.corrupt();
        remove(key);
      } else {
        complete = true;
        index.put(key, Files.size(file));
        Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
      }
    } catch (NoSuchFileException e) {
      index.remove(key);
    } catch (IOException e) {
      log.warn("disk tier: cannot read chunk {}", key, e);
    } finally {
      counters.endRead(complete, complete ? into.form().byteCount() : 0);
    }
    return complete;
  }

  @Override
  public CompletableFuture<Boolean> write(ChunkKey key, HostKv from) {
    return run(writers, () -> contains(key) || writeNow(key, from));
  }

  private boolean writeNow(ChunkKey key, HostKv from) {
    ChunkDescription chunk = describe(key, from.form());
    long byteCount = ChunkHeader.encodedByteCount(chunk) + ChunkLayout.of(chunk).dataByteCount();
    Optional<List<ChunkKey>> evicted = index.reserve(byteCount);
    if (evicted.isEmpty()) {
      log.warn("disk tier: no room for a chunk of {} bytes; increase --disk-size", byteCount);
      return false;
    }
    for (ChunkKey old : evicted.get()) {
      counters.evicted();
      delete(old);
    }
    counters.beginWrite();
    boolean stored = false;
    try {
      Path temporary = folder.resolve(UUID.randomUUID() + TEMPORARY_SUFFIX);
      ChunkFile.write(file(key), temporary, chunk, from);
      index.put(key, byteCount);
      stored = true;
    } catch (IOException e) {
      log.warn("disk tier: cannot write chunk {}", key, e);
    } finally {
      index.release(byteCount);
      counters.endWrite(stored ? from.form().byteCount() : 0);
    }
    return stored;
  }

  private static CompletableFuture<Boolean> run(ExecutorService threads, BooleanSupplier action) {
    try {
      return CompletableFuture.supplyAsync(action::getAsBoolean, threads)
          .exceptionally(
              failure -> {
                log.error("disk tier: unexpected error", failure);
                return false;
              });
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(false); // closed
    }
  }

  @Override
  public void remove(ChunkKey key) {
    index.remove(key);
    delete(key);
  }

  private void delete(ChunkKey key) {
    try {
      Files.deleteIfExists(file(key));
    } catch (IOException e) {
      log.warn("disk tier: cannot remove chunk {}", key, e);
    }
  }

  @Override
  public void removeAll() {
    try {
      list(); // files of other workers
    } catch (IOException e) {
      log.warn("disk tier: cannot list {}", folder, e);
    }
    index.keys().forEach(this::remove);
  }

  @Override
  public TierStatistics statistics() {
    return index.statistics(counters);
  }

  @Override
  public void close() {
    MoreExecutors.shutdownAndAwaitTermination(readers, CLOSE_LIMIT); // they use the verifiers
    MoreExecutors.shutdownAndAwaitTermination(verifiers, CLOSE_LIMIT);
    MoreExecutors.shutdownAndAwaitTermination(writers, CLOSE_LIMIT);
  }
}
