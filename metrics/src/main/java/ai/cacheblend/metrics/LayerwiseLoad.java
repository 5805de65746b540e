package ai.cacheblend.metrics;

/**
 * Time to first token while stored KV is loaded layer by layer, as in section 5.1 of CacheBlend
 * (Yao et al., EuroSys '25). Layers take equal times. A layer computes when its KV has arrived and
 * the layer before it has ended; the KV of the next layer is loaded meanwhile.
 *
 * @param computeSeconds of all layers, with the KV present
 */
public record LayerwiseLoad(double computeSeconds, int layerCount) {
  public LayerwiseLoad {
    if (!(computeSeconds > 0) || layerCount < 1) {
      throw new IllegalArgumentException(
          "computeSeconds is %s and layerCount %d; both must be positive"
              .formatted(computeSeconds, layerCount));
    }
  }

  /**
   * Seconds until the last layer has ended, if the KV of all layers takes {@code loadSeconds}. The
   * slower of the two runs without a gap, and the other adds one layer.
   */
  public double seconds(double loadSeconds) {
    return Math.max(
        loadSeconds + computeSeconds / layerCount, loadSeconds / layerCount + computeSeconds);
  }

  /** The longest load that ends within {@code seconds}; 0 if there is none. */
  public double longestLoadSeconds(double seconds) {
    double afterLoad = seconds - computeSeconds / layerCount;
    double besideCompute = (seconds - computeSeconds) * layerCount;
    return Math.max(0, Math.min(afterLoad, besideCompute));
  }

  /** Share of the load that adds nothing to the time: 1 if all is hidden, at least 0. */
  public double hiddenShare(double loadSeconds) {
    return loadSeconds <= 0 ? 1 : 1 - (seconds(loadSeconds) - computeSeconds) / loadSeconds;
  }
}
