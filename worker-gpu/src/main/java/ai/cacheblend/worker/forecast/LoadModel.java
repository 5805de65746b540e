package ai.cacheblend.worker.forecast;

import ai.cacheblend.worker.chunks.ChunkLocation;
import ai.cacheblend.worker.chunks.LoadRates;
import ai.cacheblend.worker.chunks.tier.TierKind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
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
    return secondsOfFirst(List.copyOf(loads), bytesPerSecond)[loads.size()];
  }

  /** Of no load, the first load, the first two, and so on. */
  double[] secondsOfFirst(List<ChunkLocation> loads, OptionalLong bytesPerSecond) {
    double linkRate = linkRate(bytesPerSecond);
    Map<TierKind, Double> storageSeconds = new EnumMap<>(TierKind.class);
    double linkSeconds = 0;
    double slowest = 0;
    double[] seconds = new double[loads.size() + 1];
    for (int i = 0; i < loads.size(); i++) {
      ChunkLocation load = loads.get(i);
      if (load.tier() != TierKind.DEVICE) {
        linkSeconds += load.byteCount() / linkRate;
        double rate = rates.storage(load.tier()).bytesPerSecond().orElse(UNKNOWN);
        double tier =
            storageSeconds.merge(load.tier(), load.storageByteCount() / rate, Double::sum);
        slowest = Math.max(slowest, tier);
      }
      seconds[i + 1] = Math.max(linkSeconds, slowest);
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
