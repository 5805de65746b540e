package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/** Finds chunks below the device, and reads them into host memory. Thread-safe. */
final class ChunkLookup {
  private final Optional<HostTier> host;
  private final List<ChunkTier> below;
  private final IntFunction<KvForm> forms;
  private final LostChunks lost;
  private final LoadRates rates;

  /**
   * @param below the fastest first
   * @param lost receives chunks that could not be read
   */
  ChunkLookup(
      Optional<HostTier> host,
      List<ChunkTier> below,
      IntFunction<KvForm> forms,
      LostChunks lost,
      LoadRates rates) {
    this.host = host;
    this.below = below;
    this.forms = forms;
    this.lost = lost;
    this.rates = rates;
  }

  boolean contains(ChunkKey key) {
    return host.isPresent() && (host.get().contains(key) || tierOf(key).isPresent());
  }

  private Optional<ChunkTier> tierOf(ChunkKey key) {
    return below.stream().filter(tier -> tier.contains(key)).findFirst();
  }

  /** Where a chunk is, without reading it. */
  Optional<ChunkLocation> locate(WantedChunk chunk) {
    if (host.isEmpty()) {
      return Optional.empty();
    }
    long byteCount = forms.apply(chunk.tokenCount()).byteCount();
    return host.get()
        .locate(chunk.key())
        .map(
            entry ->
                new ChunkLocation(
                    entry.missingByteCount() == 0 ? TierKind.HOST : entry.origin(),
                    byteCount,
                    entry.missingByteCount()))
        .or(
            () ->
                tierOf(chunk.key())
                    .map(tier -> new ChunkLocation(tier.kind(), byteCount, byteCount)));
  }

  /** The chunk in host memory, where a lower tier may still be reading it. */
  Optional<HostTier.Lease> find(WantedChunk chunk) {
    if (host.isEmpty()) {
      return Optional.empty();
    }
    Optional<HostTier.Lease> present = host.get().lease(chunk.key());
    if (present.isPresent()) {
      return present;
    }
    Optional<ChunkTier> tier = tierOf(chunk.key());
    if (tier.isEmpty()) {
      return Optional.empty();
    }
    Optional<HostTier.Lease> room =
        host.get().add(chunk.key(), forms.apply(chunk.tokenCount()), tier.get().kind());
    if (room.isEmpty()) {
      return host.get().lease(chunk.key()); // another thread has added it, or there is no room
    }
    read(tier.get(), room.get().again());
    return room;
  }

  private void read(ChunkTier tier, HostTier.Lease filler) {
    Bandwidth bandwidth = rates.storage(tier.kind());
    bandwidth.begin();
    CompletableFuture<Boolean> unused =
        tier.read(filler.key(), filler, filler::arrived)
            .whenComplete(
                (complete, failure) -> {
                  boolean arrived = failure == null && complete;
                  bandwidth.end(arrived ? filler.form().byteCount() : 0);
                  if (!arrived) {
                    lost.add(filler.key()); // before the tier and host memory no longer have it
                  }
                  filler.filled(arrived);
                  filler.close();
                });
  }
}
