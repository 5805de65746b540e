package ai.cacheblend.worker.chunks.store;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.format.ChunkDescription;
import ai.cacheblend.worker.chunks.format.Rejection;
import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.HostKv;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.chunks.tier.TierCounters;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.chunks.tier.TierStatistics;
import ai.cacheblend.worker.kv.KvEncoding;
import com.google.common.base.Ticker;
import io.lettuce.core.RedisCommandExecutionException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chunks on a server that speaks the Redis protocol. The server limits its memory and evicts. While
 * it cannot be used, all chunks are misses, and it is tried again after a time that grows.
 */
public final class StoreTier implements ChunkTier {
  private static final Logger logger = LoggerFactory.getLogger(StoreTier.class);

  private final String modelFingerprint;
  private final StoreOptions options;
  private final StoreKeys keys;
  private final StoreConnections connections;
  private final TierCounters counters;
  private final Circuit server;

  /** For writes that the server refuses, as it does when its memory is full. */
  private final Circuit space;

  /** One party for the tier, and one for each call. */
  private final Phaser running = new Phaser(1);

  /**
   * @param encoding of the chunks; each encoding has entries of its own
   */
  public StoreTier(
      String modelFingerprint, KvEncoding encoding, StoreOptions options, Ticker ticker) {
    this.modelFingerprint = modelFingerprint;
    this.options = options;
    this.keys = new StoreKeys(modelFingerprint, encoding);
    this.connections = new StoreConnections(options);
    this.counters = new TierCounters(ticker);
    this.server = new Circuit(ticker);
    this.space = new Circuit(ticker);
  }

  @Override
  public TierKind kind() {
    return TierKind.STORE;
  }

  @Override
  public boolean contains(ChunkKey key) {
    CompletableFuture<Boolean> exists =
        call(commands -> commands.exists(keys.entry(key)), false, this::serverFailed);
    return await(exists, options.lookupTimeout());
  }

  @Override
  public CompletableFuture<Boolean> read(ChunkKey key, HostKv into, IntConsumer layerRead) {
    counters.beginRead();
    ChunkDescription chunk = describe(key, into.form());
    return call(
            commands ->
                new ChunkRead(commands, keys.entry(key), chunk, into, layerRead)
                    .run()
                    .thenApply(outcome -> accept(key, outcome)),
            false,
            this::serverFailed)
        .thenApply(
            found -> {
              counters.endRead(found, found ? into.form().byteCount() : 0);
              return found;
            });
  }

  private boolean accept(ChunkKey key, ChunkRead.Outcome outcome) {
    outcome.rejection().ifPresent(rejection -> discard(key, rejection));
    return outcome.found();
  }

  private void discard(ChunkKey key, Rejection rejection) {
    counters.corrupt();
    logger.warn(
        "chunk {} in the store {} is {} and was removed: {}",
        key,
        options.address(),
        rejection.kind() == Rejection.Kind.CORRUPT ? "corrupt" : "of another form",
        rejection.detail());
    var unused = send(commands -> commands.remove(keys.entry(key)));
  }

  @Override
  public CompletableFuture<Boolean> write(ChunkKey key, HostKv from) {
    if (!space.allows()) {
      return CompletableFuture.completedFuture(false);
    }
    counters.beginWrite();
    String unfinished = keys.unfinished(key, UUID.randomUUID().toString());
    ChunkDescription chunk = describe(key, from.form());
    return call(
            commands ->
                new ChunkWrite(commands, keys.entry(key), unfinished, chunk, from)
                    .run()
                    .thenApply(this::written),
            -1L,
            this::writeFailed)
        .thenApply(
            byteCount -> {
              counters.endWrite(Math.max(byteCount, 0));
              return byteCount >= 0;
            });
  }

  private long written(long byteCount) {
    if (space.succeeded()) {
      logger.info("the store {} accepts chunks again", options.address());
    }
    return byteCount;
  }

  @Override
  public void remove(ChunkKey key) {
    await(send(commands -> commands.remove(keys.entry(key))), options.timeout());
  }

  @Override
  public void removeAll() {
    await(send(commands -> commands.removeAll(keys.pattern())), options.timeout().multipliedBy(10));
  }

  @Override
  public TierStatistics statistics() {
    return counters.statistics(kind(), 0, 0, 0);
  }

  @Override
  public void close() {
    running.awaitAdvance(running.arriveAndDeregister());
    connections.close();
  }

  private ChunkDescription describe(ChunkKey key, KvForm form) {
    return new ChunkDescription(modelFingerprint, key, form);
  }

  private CompletableFuture<Boolean> send(
      Function<StoreCommands, CompletableFuture<Boolean>> function) {
    return call(function, false, this::serverFailed);
  }

  /** Never completes exceptionally: {@code otherwise} where the server cannot be used. */
  private <T> CompletableFuture<T> call(
      Function<StoreCommands, CompletableFuture<T>> function,
      T otherwise,
      Consumer<Throwable> failed) {
    if (!server.allows() || running.register() < 0) {
      return CompletableFuture.completedFuture(otherwise);
    }
    return connections
        .get()
        .thenCompose(open -> function.apply(new StoreCommands(open)))
        .handle(
            (result, failure) -> {
              if (failure == null) {
                serverSucceeded();
                return result;
              }
              failed.accept(rootCause(failure));
              return otherwise;
            })
        .whenComplete((result, failure) -> running.arriveAndDeregister());
  }

  private void serverSucceeded() {
    if (server.succeeded()) {
      logger.info("the store {} is available again", options.address());
    }
  }

  private void serverFailed(Throwable failure) {
    connections.reset();
    if (server.failed()) {
      logger.warn(
          "the store {} is not available; its chunks are computed until it is: {}",
          options.address(),
          failure.getMessage());
    }
  }

  private void writeFailed(Throwable failure) {
    if (!(failure instanceof RedisCommandExecutionException)) {
      serverFailed(failure);
      return;
    }
    serverSucceeded();
    if (space.failed()) {
      logger.warn(
          "the store {} refuses chunks; they are not stored there until it accepts them: {}",
          options.address(),
          failure.getMessage());
    }
  }

  private static Throwable rootCause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !(cause instanceof RedisCommandExecutionException)) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static boolean await(CompletableFuture<Boolean> result, Duration wait) {
    try {
      return result.get(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("calls never fail", e);
    }
  }
}
