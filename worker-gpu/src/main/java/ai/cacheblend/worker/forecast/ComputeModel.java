package ai.cacheblend.worker.forecast;

import ai.cacheblend.metrics.LayerwiseLoad;
import ai.cacheblend.worker.blend.LayerWork;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /** Prefills of one shape that count. */
  private static final int LATEST = 5;

  /** Distance of similar shapes, in natural logarithms of rows and pairs. */
  private static final double SIMILAR = .25;

  /** Weight of no correction, against that of a shape that is equal. */
  private static final double DOUBT = .05;

  private record Shape(long rows, long pairs) {
    static Shape of(LayerWork total) {
      return new Shape(step(total.rows()), step(total.pairs()));
    }

    private static long step(double value) {
      return Math.round(RESOLUTION * Math.log(value) / Math.log(2));
    }
  }

  /** The latest prefills of one shape. */
  private static final class Measured {
    private final Deque<LayerWork> works = new ArrayDeque<>();
    private final Deque<Double> times = new ArrayDeque<>();

    void add(LayerWork work, double seconds) {
      works.addLast(work);
      times.addLast(seconds);
      if (times.size() > LATEST) {
        works.removeFirst();
        times.removeFirst();
      }
    }

    LayerWork work() {
      return works.getLast();
    }

    /** The median: the first prefills of a process, and those on a busy machine, take longer. */
    double seconds() {
      List<Double> sorted = times.stream().sorted().toList();
      return sorted.get((sorted.size() - 1) / 2);
    }
  }

  /** Least recently measured first. */
  private final Map<Shape, Measured> measured =
      new LinkedHashMap<>(MAX_SHAPES, .75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Shape, Measured> eldest) {
          return size() > MAX_SHAPES;
        }
      };

  /** Seconds per row, per pair, and per prefill; null while there are too few measurements. */
  private double[] coefficients;

  /**
   * @param work of all layers
   * @param seconds of compute, without waits
   */
  void observe(List<LayerWork> work, double seconds) {
    LayerWork total = total(work);
    measured.computeIfAbsent(Shape.of(total), shape -> new Measured()).add(total, seconds);
    if (measured.size() >= MIN_SHAPES) {
      coefficients = fit(); // now, and not while a request waits for its prediction
    }
  }

  /** Empty while there are too few measurements. */
  Optional<LayerwiseLoad> predict(List<LayerWork> work) {
    if (coefficients == null) {
      return Optional.empty();
    }
    double correction = correction(total(work));
    double perLayer = coefficients[2] / work.size();
    List<Double> layerSeconds = new ArrayList<>(work.size());
    for (LayerWork layer : work) {
      layerSeconds.add(correction * (fitted(layer) - coefficients[2] + perLayer));
    }
    return Optional.of(new LayerwiseLoad(layerSeconds));
  }

  private static LayerWork total(List<LayerWork> work) {
    return work.stream().reduce(LayerWork.NONE, LayerWork::plus);
  }

  private double[] fit() {
    double[][] features = new double[measured.size()][];
    double[] seconds = new double[measured.size()];
    int sample = 0;
    for (Measured known : measured.values()) {
      features[sample] = new double[] {known.work().rows(), known.work().pairs(), 1};
      seconds[sample++] = known.seconds();
    }
    return NonNegativeFit.solve(features, seconds);
  }

  private double fitted(LayerWork work) {
    return coefficients[0] * work.rows() + coefficients[1] * work.pairs() + coefficients[2];
  }

  private double correction(LayerWork total) {
    double weights = DOUBT;
    double sum = 0;
    for (Measured known : measured.values()) {
      double rows = Math.log(total.rows() / known.work().rows()) / SIMILAR;
      double pairs = Math.log(total.pairs() / known.work().pairs()) / SIMILAR;
      double weight = Math.exp(-(rows * rows + pairs * pairs));
      weights += weight;
      sum += weight * Math.log(known.seconds() / fitted(known.work()));
    }
    return Math.exp(sum / weights);
  }
}
