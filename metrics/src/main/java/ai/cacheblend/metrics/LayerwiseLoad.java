package ai.cacheblend.metrics;

import java.util.Collections;
import java.util.List;

/**
 * Time to first token while stored KV is loaded layer by layer, as in section 5.1 of CacheBlend
 * (Yao et al., EuroSys '25). The KV of each layer takes the same time to load. A layer computes
 * when its KV has arrived and the layer before it has ended; the KV of the next layer is loaded
 * meanwhile.
 *
 * @param layerSeconds compute of each layer, in order, with the KV present
 */
public record LayerwiseLoad(List<Double> layerSeconds) {
  public LayerwiseLoad {
    layerSeconds = List.copyOf(layerSeconds);
    for (double seconds : layerSeconds) {
      if (!(seconds >= 0)) {
        throw new IllegalArgumentException(
            "a layer computes for %s seconds, must not be negative".formatted(seconds));
      }
    }
    if (!(sum(layerSeconds) > 0)) {
      throw new IllegalArgumentException("computeSeconds is 0; it must be positive");
    }
  }

  /** Layers that compute equally long, in total for {@code computeSeconds}. */
  public static LayerwiseLoad ofEqualLayers(double computeSeconds, int layerCount) {
    if (layerCount < 1) {
      throw new IllegalArgumentException(
          "layerCount is %d, must be positive".formatted(layerCount));
    }
    return new LayerwiseLoad(Collections.nCopies(layerCount, computeSeconds / layerCount));
  }

  private static double sum(List<Double> layerSeconds) {
    return layerSeconds.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Compute of all layers. */
  public double computeSeconds() {
    return sum(layerSeconds);
  }

  /**
   * Seconds until the last layer has ended, if the KV of all layers takes {@code loadSeconds}: the
   * longest sum of the load up to a layer and the compute from that layer on.
   */
  public double seconds(double loadSeconds) {
    return seconds(layerSeconds.stream().mapToDouble(Double::doubleValue).toArray(), loadSeconds);
  }

  /** The same for many loads: without a record. */
  public static double seconds(double[] layerSeconds, double loadSeconds) {
    double seconds = 0;
    double computeFrom = 0;
    for (int layer = layerSeconds.length - 1; layer >= 0; layer--) {
      computeFrom += layerSeconds[layer];
      seconds = Math.max(seconds, loadSeconds * (layer + 1) / layerSeconds.length + computeFrom);
    }
    return seconds;
  }

  /** The longest load that ends within {@code seconds}; 0 if there is none. */
  public double longestLoadSeconds(double seconds) {
    double longest = Double.POSITIVE_INFINITY;
    double computeFrom = 0;
    for (int layer = layerSeconds.size() - 1; layer >= 0; layer--) {
      computeFrom += layerSeconds.get(layer);
      longest = Math.min(longest, (seconds - computeFrom) / loadShare(layer));
    }
    return Math.max(0, longest);
  }

  /** Share of the load that has to end before a layer can compute. */
  private double loadShare(int layer) {
    return (layer + 1.0) / layerSeconds.size();
  }

  /** Share of the load that adds nothing to the time: 1 if all is hidden, at least 0. */
  public double hiddenShare(double loadSeconds) {
    return loadSeconds <= 0 ? 1 : 1 - (seconds(loadSeconds) - computeSeconds()) / loadSeconds;
  }
}
