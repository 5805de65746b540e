package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.format.ChunkHeader;
import ai.cacheblend.worker.chunks.format.Rejection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/** Verifies the layers of a chunk one after the other, beside the thread that reads them. */
final class LayerChecks {
  private final ChunkHeader header;
  private final HostKv kv;
  private final Executor executor;
  private final IntConsumer verified;

  /** Of the layers so far: the first rejection. */
  private CompletableFuture<Optional<Rejection>> result =
      CompletableFuture.completedFuture(Optional.empty());

  /**
   * @param verified receives each sound layer; none behind a rejected one
   */
  LayerChecks(ChunkHeader header, HostKv kv, Executor executor, IntConsumer verified) {
    this.header = header;
    this.kv = kv;
    this.executor = executor;
    this.verified = verified;
  }

  /** The layer is in memory. Layers ascend. */
  void add(int layer) {
    result =
        result.thenApplyAsync(
            rejection -> rejection.isPresent() ? rejection : check(layer), executor);
  }

  private Optional<Rejection> check(int layer) {
    Optional<Rejection> rejection = header.checkLayer(layer, kv.layer(layer));
    if (rejection.isEmpty()) {
      verified.accept(layer);
    }
    return rejection;
  }

  /** Whether a layer is known to be rejected. */
  boolean failed() {
    return result.isDone() && result.join().isPresent();
  }

  /** Waits for the layers so far. */
  Optional<Rejection> await() {
    return result.join();
  }
}
