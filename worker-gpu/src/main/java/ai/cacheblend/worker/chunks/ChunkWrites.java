package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.StoredKv;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies chunks from the device to host memory, and from there to the tiers below. Thread-safe. */
final class ChunkWrites {
  private static final Logger log = LoggerFactory.getLogger(ChunkWrites.class);

  private final Optional<HostTier> host;
  private final List<ChunkTier> below;
  private final IntFunction<KvForm> forms;
  private final ChunkLookup lookup;
  private final RunningMoves moves;

  /**
   * @param forms layout of a chunk with this many tokens
   * @param moves receives the writes to the tiers below
   */
  ChunkWrites(
      Optional<HostTier> host,
      List<ChunkTier> below,
      IntFunction<KvForm> forms,
      ChunkLookup lookup,
      RunningMoves moves) {
    this.host = host;
    this.below = below;
    this.forms = forms;
    this.lookup = lookup;
    this.moves = moves;
  }

  /**
   * Copies a chunk to host memory, and from there to the tiers below in the background. A chunk
   * that finds no room, because earlier ones are still being written, is not copied.
   */
  void writeDown(ChunkKey key, StoredKv kv) {
    if (lookup.contains(key)) {
      return;
    }
    try (HostTier.Lease lease = toHost(key, kv).orElse(null)) {
      if (lease != null) {
        for (ChunkTier tier : below) {
          CompletableFuture<Boolean> unused = toTier(tier, lease);
        }
      }
    } catch (RuntimeException e) {
      log.warn(
          "chunk {} was not copied to host memory", key, e); // the next step reports the device
    }
  }

  /** Empty where there is no room for the chunk, or it is there already. */
  Optional<HostTier.Lease> toHost(ChunkKey key, StoredKv kv) {
    return host.flatMap(tier -> tier.copy(key, forms.apply(kv.tokenCount()), kv));
  }

  /** Does not block. False if the chunk was not stored. */
  CompletableFuture<Boolean> toTier(ChunkTier tier, HostTier.Lease from) {
    HostTier.Lease writing = from.again();
    CompletableFuture<Boolean> write =
        tier.write(from.key(), writing).whenComplete((stored, failure) -> writing.close());
    moves.add(write);
    return write;
  }
}
