package ai.cacheblend.worker.forecast;

import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.LoadRates;
import ai.cacheblend.worker.chunks.tier.TierKind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Predicts the load of chunks from the rates so far. Every byte passes from host memory to the
 * device; storage tiers are read beside it and beside each other. A rate that is not known yet
 * takes no time, so that it is measured.
 */
record LoadModel(LoadRates rates) {
  private static final double UNKNOWN = Double.POSITIVE_INFINITY;

  /**
   * @param bytesPerSecond limit of the rate at which the request loads
   */
  double seconds(Collection<ChunkLocation> loads, OptionalLong bytesPerSecond) {
    Map<TierKind, Long> storageBytes = new EnumMap<>(TierKind.class);
    long byteCount = 0;
    for (ChunkLocation load : loads) {
      if (load.tier() != TierKind.DEVICE) {
        byteCount += load.byteCount();
        storageBytes.merge(load.tier(), load.storageByteCount(), Long::sum);
      }
    }
    double seconds = byteCount / linkRate(bytesPerSecond);
    for (Map.Entry<TierKind, Long> storage : storageBytes.entrySet()) {
      double rate = rates.storage(storage.getKey()).bytesPerSecond().orElse(UNKNOWN);
      seconds = Math.max(seconds, storage.getValue() / rate);
    }
    return seconds;
  }

  private double linkRate(OptionalLong limit) {
    OptionalDouble measured = rates.link(limit).bytesPerSecond();
    if (measured.isPresent()) {
      return measured.getAsDouble();
    }
    double unlimited = rates.link(OptionalLong.empty()).bytesPerSecond().orElse(UNKNOWN);
    return limit.isPresent() ? Math.min((double) limit.getAsLong(), unlimited) : unlimited;
  }
}
