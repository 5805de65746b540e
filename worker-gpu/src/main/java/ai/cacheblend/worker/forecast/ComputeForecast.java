package ai.cacheblend.worker.forecast;

import ai.cacheblend.metrics.LayerwiseLoad;
import ai.cacheblend.worker.blend.LayerWork;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Predicts the compute of prefills, and how far such predictions were off. Not thread-safe. */
final class ComputeForecast {
  private static final int LATEST = 16;

  private final ComputeModel model = new ComputeModel();
  private final FirstUses firstUses = new FirstUses();

  /** Absolute errors of predictions, relative to them. */
  private final RecentMedian errors = new RecentMedian(LATEST);

  /**
   * @param seconds of compute, without waits
   */
  void observe(List<LayerWork> work, double seconds) {
    int firstUseCount = firstUses.count(work);
    boolean slowed = firstUseCount > 0;
    if (model.ready()) {
      double[] layers = model.layerSeconds(work);
      double later = Arrays.stream(layers).sum();
      firstUses.addWhole(work, layers);
      errors.add(Math.abs(seconds / Arrays.stream(layers).sum() - 1));
      if (firstUseCount > 0) {
        firstUses.addCost((seconds - later) / firstUseCount);
        slowed = seconds > later; // otherwise the device has become faster, or has no such cost
      }
    }
    model.observe(work, seconds, slowed);
    firstUses.add(work);
  }

  /** Empty while too little was measured. */
  Optional<LayerwiseLoad> predict(List<LayerWork> work) {
    if (!model.ready()) {
      return Optional.empty();
    }
    double[] layers = model.layerSeconds(work);
    firstUses.addWhole(work, layers);
    return Optional.of(new LayerwiseLoad(Arrays.stream(layers).boxed().toList()));
  }

  /** Whether predictions have been compared with measurements, so that they can be compared. */
  boolean comparable() {
    return errors.value().isPresent();
  }

  /** The median of the latest errors of predictions, relative to them. */
  double error() {
    return errors.value().orElseThrow();
  }

  /**
   * The TTFT of a prefill, to be compared with that of another one.
   *
   * @param seconds with its share of the cost of first uses
   * @param laterSeconds if its row counts had run before
   */
  record Ttft(double seconds, double laterSeconds) {}

  /**
   * Once predictions are {@link #comparable}.
   *
   * @param factor of the compute: above 1 for a cautious prediction
   * @param loadSeconds of the KV that it reads
   */
  Ttft compared(List<LayerWork> work, double factor, double loadSeconds) {
    double[] layers = scaled(model.layerSeconds(work), factor);
    double later = LayerwiseLoad.seconds(layers, loadSeconds);
    if (firstUses.count(work) == 0) {
      return new Ttft(later, later);
    }
    firstUses.addShare(work, layers);
    return new Ttft(LayerwiseLoad.seconds(layers, loadSeconds), later);
  }

  private static double[] scaled(double[] layers, double factor) {
    for (int layer = 0; layer < layers.length; layer++) {
      layers[layer] *= factor;
    }
    return layers;
  }

  /** A prefill would have been the best one, had its row counts run before. */
  void addMissed(List<LayerWork> work) {
    firstUses.addMissed(work);
  }
}
