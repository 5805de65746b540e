package ai.cacheblend.worker.chunks;

import ai.cacheblend.worker.chunks.tier.TierKind;
import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Measured rates of the two stages of a load: from storage to host memory, by tier, and from host
 * memory to the device, by the limit that requests ask for. Thread-safe.
 */
public final class LoadRates {
  private static final int MAX_LIMITS = 64;

  private final Ticker ticker;

  @GuardedBy("this")
  private final Map<TierKind, Bandwidth> storage = new LinkedHashMap<>();

  /** Least recently used first. */
  @GuardedBy("this")
  private final Map<OptionalLong, Bandwidth> links =
      new LinkedHashMap<>(MAX_LIMITS, .75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<OptionalLong, Bandwidth> eldest) {
          return size() > MAX_LIMITS;
        }
      };

  public LoadRates(Ticker ticker) {
    this.ticker = ticker;
  }

  /** From a tier to host memory. */
  public synchronized Bandwidth storage(TierKind tier) {
    return storage.computeIfAbsent(tier, kind -> new Bandwidth(ticker));
  }

  /**
   * From host memory to the device.
   *
   * @param bytesPerSecond limit of the rate; empty: none
   */
  public synchronized Bandwidth link(OptionalLong bytesPerSecond) {
    return links.computeIfAbsent(bytesPerSecond, limit -> new Bandwidth(ticker));
  }
}
