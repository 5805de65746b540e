package ai.cacheblend.worker.forecast;

import ai.cacheblend.worker.blend.LayerWork;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Predicts the compute of a prefill from earlier ones: {@code rows · a + pairs · b + c}, times the
 * ratio of measured to fitted times of similar shapes. Not thread-safe.
 */
final class ComputeModel {
  /** Below, the costs of rows and of pairs cannot be told apart. */
  private static final int MIN_SHAPES = 3;

  private static final int MAX_SHAPES = 64;

  /** Shapes per doubling of rows or pairs. */
  private static final int RESOLUTION = 4;

  /** Weight of no correction, against that of a shape that is equal. */
  private static final double DOUBT = .05;

  /** Squared distance from which on a shape has no weight: 0.2 % of {@link #DOUBT}. */
  private static final double UNRELATED = 9;

  private record Shape(long rows, long pairs) {
    static Shape of(LayerWork total) {
      return new Shape(step(total.rows()), step(total.pairs()));
    }

    private static long step(double value) {
      return Math.round(RESOLUTION * Math.log(value) / Math.log(2));
    }
  }

  /** Least recently measured first. */
  private final Map<Shape, MeasuredShape> measured =
      new LinkedHashMap<>(MAX_SHAPES, .75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, MeasuredShape> eldest) {
          return size() > MAX_SHAPES;
        }
      };

  /** Seconds per row, per pair, and per prefill; null while there are too few measurements. */
  private double[] coefficients;

  /**
   * @param work of all layers
   * @param seconds of compute, without waits
   * @param firstUse whether row counts of the prefill ran for the first time; see {@link
   *     FirstUses}. Such a prefill counts only until there are others with related work
   */
  void observe(List<LayerWork> work, double seconds, boolean firstUse) {
    LayerWork total = total(work);
    if (firstUse && measured.values().stream().anyMatch(s -> !s.firstUse() && related(s, total))) {
      return;
    }
    if (!firstUse) {
      measured.values().removeIf(shape -> shape.firstUse() && related(shape, total));
    }
    measured
        .computeIfAbsent(Shape.of(total), shape -> new MeasuredShape(firstUse))
        .add(total, seconds);
    if (ready() || measured.size() >= MIN_SHAPES) {
      coefficients = fit(); // now, and not while a request waits for its prediction
      measured.values().forEach(shape -> shape.fitted(fitted(shape.work())));
    }
  }

  /** Whether enough was measured. */
  boolean ready() {
    return coefficients != null;
  }

  /** Seconds of each layer, once {@link #ready}. */
  double[] layerSeconds(List<LayerWork> work) {
    double correction = correction(total(work));
    double perLayer = coefficients[2] / work.size();
    double[] seconds = new double[work.size()];
    for (int layer = 0; layer < seconds.length; layer++) {
      seconds[layer] = correction * (fitted(work.get(layer)) - coefficients[2] + perLayer);
    }
    return seconds;
  }

  private static LayerWork total(List<LayerWork> work) {
    double rows = 0;
    double pairs = 0;
    for (LayerWork layer : work) {
      rows += layer.rows();
      pairs += layer.pairs();
    }
    return new LayerWork(rows, pairs);
  }

  private double[] fit() {
    double[][] features = new double[measured.size()][];
    double[] seconds = new double[measured.size()];
    int sample = 0;
    for (MeasuredShape known : measured.values()) {
      features[sample] = new double[] {known.work().rows(), known.work().pairs(), 1};
      seconds[sample++] = known.seconds();
    }
    return NonNegativeFit.solve(features, seconds);
  }

  private double fitted(LayerWork work) {
    return coefficients[0] * work.rows() + coefficients[1] * work.pairs() + coefficients[2];
  }

  private double correction(LayerWork total) {
    double logRows = Math.log(total.rows());
    double logPairs = Math.log(total.pairs());
    double weights = DOUBT;
    double sum = 0;
    for (MeasuredShape known : measured.values()) {
      double distance = known.squaredDistance(logRows, logPairs);
      if (distance < UNRELATED) {
        double weight = Math.exp(-distance);
        weights += weight;
        sum += weight * known.logRatio();
      }
    }
    return Math.exp(sum / weights);
  }

  /** Whether the time of a shape says something about this work. */
  private static boolean related(MeasuredShape known, LayerWork total) {
    return known.squaredDistance(Math.log(total.rows()), Math.log(total.pairs())) < UNRELATED;
  }
}
