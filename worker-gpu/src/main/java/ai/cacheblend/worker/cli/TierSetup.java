package ai.cacheblend.worker.cli;

import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.chunks.store.StoreTier;
import ai.cacheblend.worker.chunks.tier.ChunkTier;
import ai.cacheblend.worker.chunks.tier.DiskTier;
import ai.cacheblend.worker.chunks.tier.HostTier;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvShape;
import com.google.common.base.Ticker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens the tiers of stored chunks. */
final class TierSetup {
  private TierSetup() {}

  /**
   * @throws IOException if the folder of a tier cannot be used
   */
  static ChunkTiers open(
      TierOptions options, WorkerDevice device, KvPool pool, KvShape shape, String modelFingerprint)
      throws IOException {
    List<ChunkTier> below = new ArrayList<>();
    if (options.disk().isPresent()) {
      below.add(disk(options.disk().get(), modelFingerprint, options.encoding()));
    }
    options
        .store()
        .ifPresent(
            store ->
                below.add(
                    new StoreTier(
                        modelFingerprint, options.encoding(), store, Ticker.systemTicker())));
    Optional<HostTier> host =
        options.hostByteCount() == 0
            ? Optional.empty()
            : Optional.of(
                new HostTier(pool.allocateHost(options.hostByteCount()), Ticker.systemTicker()));
    return new ChunkTiers(
        device.memory().chunkByteCount(),
        pool,
        tokenCount -> new KvForm(shape, device.kv().element(), tokenCount, options.encoding()),
        host,
        below,
        options.writePolicy(),
        Ticker.systemTicker());
  }

  private static DiskTier disk(TierOptions.Disk disk, String modelFingerprint, KvEncoding encoding)
      throws IOException {
    try {
      return DiskTier.open(
          disk.directory(), disk.byteCount(), modelFingerprint, encoding, Ticker.systemTicker());
    } catch (IOException e) {
      throw new IOException(
          "--disk is %s, which cannot be used (%s); choose a folder that the worker may write"
              .formatted(disk.directory(), e.getMessage()),
          e);
    }
  }
}
