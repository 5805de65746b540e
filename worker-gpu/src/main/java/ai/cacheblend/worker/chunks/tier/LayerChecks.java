package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.format.ChunkHeader;
import ai.cacheblend.worker.chunks.format.HeaderResult;
import ai.cacheblend.worker.chunks.format.Rejection;
import com.google.common.base.Throwables;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Verifies the header of a chunk, then its layers in order, beside the threads that read them. */
final class LayerChecks {
  private final HostKv kv;
  private final Executor executor;
  private final IntConsumer verified;
  private final CompletableFuture<HeaderResult> header;

  /** Of what was added so far: the first rejection. */
  private CompletableFuture<Optional<Rejection>> result;

  /**
   * @param verified receives each sound layer; none behind a rejected one
   */
  LayerChecks(Supplier<HeaderResult> header, HostKv kv, Executor executor, IntConsumer verified) {
    this.kv = kv;
    this.executor = executor;
    this.verified = verified;
    this.header = CompletableFuture.supplyAsync(header, executor);
    this.result =
        this.header.thenApply(
            checked ->
                checked instanceof Rejection rejection ? Optional.of(rejection) : Optional.empty());
  }

  /**
   * Layers ascend.
   *
   * @param read completes when the layer is in memory
   */
  void add(int layer, CompletableFuture<Void> read) {
    result =
        result.thenCompose(
            rejection ->
                rejection.isPresent()
                    ? CompletableFuture.completedFuture(rejection)
                    : read.thenApplyAsync(done -> check(layer), executor));
  }

  private Optional<Rejection> check(int layer) {
    Optional<Rejection> rejection =
        ((ChunkHeader) header.join()).checkLayer(layer, kv.layer(layer));
    if (rejection.isEmpty()) {
      verified.accept(layer);
    }
    return rejection;
  }

  /** Whether a layer is known to be rejected, or cannot be read. */
  boolean failed() {
    return result.isCompletedExceptionally() || result.getNow(Optional.empty()).isPresent();
  }

  /**
   * Waits for the layers.
   *
   * @throws IOException if one cannot be read
   */
  Optional<Rejection> await() throws IOException {
    try {
      return result.join();
    } catch (CompletionException e) {
      Throwables.throwIfInstanceOf(e.getCause(), IOException.class);
      throw e;
    }
  }
}
