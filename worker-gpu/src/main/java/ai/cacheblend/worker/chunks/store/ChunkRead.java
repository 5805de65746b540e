package ai.cacheblend.worker.chunks.store;

import ai.cacheblend.worker.chunks.format.ChunkDescription;
import ai.cacheblend.worker.chunks.format.ChunkHeader;
import ai.cacheblend.worker.chunks.format.HeaderResult;
import ai.cacheblend.worker.chunks.format.Rejection;
import ai.cacheblend.worker.chunks.tier.HostKv;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * Reads one chunk. Layers are verified as they arrive, several at once, and reported in ascending
 * order.
 */
final class ChunkRead {
  /** Bounds the memory of connections, and the time that a reply waits for those before it. */
  private static final int WINDOW = 4;

  /**
   * End of a read.
   *
   * @param found whether all layers arrived
   * @param rejection of an entry that is not the chunk's
   */
  record Outcome(boolean found, Optional<Rejection> rejection) {
    private static final Outcome FOUND = new Outcome(true, Optional.empty());
    private static final Outcome ABSENT = new Outcome(false, Optional.empty());

    private static Outcome rejected(Rejection rejection) {
      return new Outcome(false, Optional.of(rejection));
    }
  }

  private final StoreCommands commands;
  private final String name;
  private final ChunkDescription chunk;
  private final HostKv into;
  private final IntConsumer layerRead;
  private final List<LayerBytes> memory = new ArrayList<>();
  private final List<CompletableFuture<OptionalInt>> replies = new ArrayList<>();

  ChunkRead(
      StoreCommands commands,
      String name,
      ChunkDescription chunk,
      HostKv into,
      IntConsumer layerRead) {
    this.commands = commands;
    this.name = name;
    this.chunk = chunk;
    this.into = into;
    this.layerRead = layerRead;
  }

  /** Completes when nothing uses the memory any more; exceptionally if the server failed. */
  CompletableFuture<Outcome> run() {
    return commands
        .field(name, StoreKeys.HEADER)
        .thenCompose(this::readLayers)
        .whenComplete((outcome, failure) -> memory.forEach(LayerBytes::release));
  }

  private CompletableFuture<Outcome> readLayers(byte[] headerBytes) {
    if (headerBytes == null) {
      return CompletableFuture.completedFuture(Outcome.ABSENT);
    }
    HeaderResult result = ChunkHeader.decode(ByteBuffer.wrap(headerBytes), chunk);
    if (result instanceof Rejection rejection) {
      return CompletableFuture.completedFuture(Outcome.rejected(rejection));
    }
    for (int layer = 0; layer < WINDOW; layer++) {
      request(layer);
    }
    return readFrom(0, (ChunkHeader) result);
  }

  private void request(int layer) {
    if (layer < into.form().layerCount()) {
      LayerBytes bytes = new LayerBytes(into.layer(layer));
      memory.add(bytes);
      replies.add(commands.readLayer(name, layer, bytes));
    }
  }

  private CompletableFuture<Outcome> readFrom(int layer, ChunkHeader header) {
    if (layer == into.form().layerCount()) {
      return CompletableFuture.completedFuture(Outcome.FOUND);
    }
    return replies
        .get(layer)
        .thenCompose(
            size -> {
              Optional<Rejection> rejection = check(layer, size, header);
              if (rejection.isPresent()) {
                return rejected(rejection.get());
              }
              layerRead.accept(layer);
              request(layer + WINDOW);
              return readFrom(layer + 1, header);
            });
  }

  /** An entry that the server has evicted meanwhile is a miss like any other. */
  private CompletableFuture<Outcome> rejected(Rejection rejection) {
    return commands
        .exists(name)
        .thenApply(exists -> exists ? Outcome.rejected(rejection) : Outcome.ABSENT);
  }

  private Optional<Rejection> check(int layer, OptionalInt size, ChunkHeader header) {
    return header.checkLayer(layer, size.orElse(0), memory.get(layer).checksum());
  }
}
