package ai.cacheblend.worker.chunks.store;

import ai.cacheblend.worker.chunks.format.Checksum;
import ai.cacheblend.worker.chunks.format.ChunkDescription;
import ai.cacheblend.worker.chunks.format.ChunkHeader;
import ai.cacheblend.worker.chunks.tier.HostKv;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Writes one chunk under a name of its own, and renames it when it is complete, so that no reader
 * sees a part of it. An unfinished entry expires.
 */
final class ChunkWrite {
  private static final int WINDOW = 4;
  private static final int UNFINISHED_SECONDS = 300;

  private final StoreCommands commands;
  private final String name;
  private final String unfinished;
  private final ChunkDescription chunk;
  private final HostKv from;
  private final int[] checksums;
  private final List<LayerBytes> memory = new ArrayList<>();
  private final List<CompletableFuture<Boolean>> replies = new ArrayList<>();

  ChunkWrite(
      StoreCommands commands, String name, String unfinished, ChunkDescription chunk, HostKv from) {
    this.commands = commands;
    this.name = name;
    this.unfinished = unfinished;
    this.chunk = chunk;
    this.from = from;
    this.checksums = new int[from.form().layerCount()];
  }

  /**
   * Completes when nothing uses the memory any more: with the bytes that were written, 0 if there
   * is an entry already; exceptionally if the server failed or refused.
   */
  CompletableFuture<Long> run() {
    return commands
        .exists(name)
        .thenCompose(exists -> exists ? CompletableFuture.completedFuture(0L) : write())
        .whenComplete((bytes, failure) -> memory.forEach(LayerBytes::release));
  }

  private CompletableFuture<Long> write() {
    send(0);
    return replies
        .get(0)
        .thenCompose(sent -> commands.expire(unfinished, UNFINISHED_SECONDS))
        .thenCompose(
            limited -> {
              for (int layer = 1; layer <= WINDOW; layer++) {
                send(layer);
              }
              return writeFrom(1);
            })
        .exceptionallyCompose(this::undo);
  }

  /** Waits for the layers under way, which would make the entry again. */
  private CompletableFuture<Long> undo(Throwable failure) {
    return CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new))
        .exceptionally(failed -> null)
        .thenCompose(sent -> commands.remove(unfinished))
        .exceptionally(failed -> false)
        .thenCompose(removed -> CompletableFuture.failedFuture(failure));
  }

  private void send(int layer) {
    if (layer < checksums.length) {
      checksums[layer] = Checksum.of(from.layer(layer));
      replies.add(
          commands.writeField(
              layer, unfinished, Integer.toString(layer), inMemory(from.layer(layer))));
    }
  }

  private LayerBytes inMemory(ByteBuffer bytes) {
    LayerBytes layer = new LayerBytes(bytes);
    memory.add(layer);
    return layer;
  }

  private CompletableFuture<Long> writeFrom(int layer) {
    if (layer == checksums.length) {
      return finish();
    }
    return replies
        .get(layer)
        .thenCompose(
            sent -> {
              send(layer + WINDOW);
              return writeFrom(layer + 1);
            });
  }

  private CompletableFuture<Long> finish() {
    byte[] header = ChunkHeader.encode(chunk, checksums);
    return commands
        .writeField(0, unfinished, StoreKeys.HEADER, new LayerBytes(ByteBuffer.wrap(header)))
        .thenCompose(sent -> commands.rename(unfinished, name))
        .thenCompose(
            renamed ->
                renamed
                    ? commands.persist(name).thenApply(kept -> from.form().byteCount())
                    : commands.remove(unfinished).thenApply(removed -> 0L));
  }
}
