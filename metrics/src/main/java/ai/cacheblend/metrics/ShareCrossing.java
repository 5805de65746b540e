package ai.cacheblend.metrics;

import java.util.List;

/**
 * Where a share that rises with x reaches a given value: logistic regression of counts. The slope
 * is the most likely one of a grid, so that data without overlap (all below, then all above the
 * share) still have a crossing, between them. P. McCullagh and J. A. Nelder, "Generalized Linear
 * Models", 1989, chapter 4.
 */
public final class ShareCrossing {
  /** Slopes of the logit per unit of x. */
  private static final double MIN_SLOPE = 2;

  private static final double SLOPE_RATIO = 1.5;
  private static final int SLOPES = 11;

  private static final int ITERATIONS = 40;
  private static final double MAX_STEP = 0.3;
  private static final double MAX_LOGIT = 35;

  /** Pseudo-observations per point, at the share: they bound the likelihood. */
  private static final double PSEUDO_COUNT = 0.5;

  private ShareCrossing() {}

  /**
   * Counts at a value of x.
   *
   * @param hits of {@code trials}; neighbouring trials may be correlated
   */
  public record Point(double x, double hits, double trials) {
    public Point {
      Samples.checked("x, hits, trials", x, hits, trials);
      if (hits < 0 || hits > trials) {
        throw new IllegalArgumentException(
            "hits, trials: " + hits + ", " + trials + "; hits must be 0 to trials");
      }
    }
  }

  /**
   * The x at which the share of hits is {@code share}.
   *
   * @param points at least one
   * @param share between 0 and 1
   */
  public static double of(List<Point> points, double share) {
    if (points.isEmpty() || !(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "points, share: " + points.size() + ", " + share + "; use 1 or more, and 0 to 1");
    }
    double start = points.stream().mapToDouble(Point::x).average().orElseThrow();
    double best = start;
    double bestLikelihood = Double.NEGATIVE_INFINITY;
    double slope = MIN_SLOPE;
    for (int i = 0; i < SLOPES; i++) {
      double root = root(points, share, slope, start);
      double likelihood = likelihood(points, share, slope, root);
      if (likelihood > bestLikelihood) {
        bestLikelihood = likelihood;
        best = root;
      }
      slope *= SLOPE_RATIO;
    }
    return best;
  }

  /** The likelihood of a given slope is concave in the root: Newton's method with bounded steps. */
  private static double root(List<Point> points, double share, double slope, double start) {
    double root = start;
    for (int i = 0; i < ITERATIONS; i++) {
      double gradient = 0;
      double curvature = 0;
      for (Point point : points) {
        double trials = point.trials + PSEUDO_COUNT;
        double mean = mean(point.x, share, slope, root);
        gradient -= slope * (hits(point, share) - trials * mean);
        curvature += slope * slope * trials * mean * (1 - mean);
      }
      double step = Math.max(-MAX_STEP, Math.min(MAX_STEP, gradient / (curvature + 1e-12)));
      root += step;
      if (Math.abs(step) < 1e-10) {
        return root;
      }
    }
    return root;
  }

  private static double likelihood(List<Point> points, double share, double slope, double root) {
    double sum = 0;
    for (Point point : points) {
      double mean = mean(point.x, share, slope, root);
      double hits = hits(point, share);
      sum += hits * Math.log(mean) + (point.trials + PSEUDO_COUNT - hits) * Math.log1p(-mean);
    }
    return sum;
  }

  private static double hits(Point point, double share) {
    return point.hits + PSEUDO_COUNT * share;
  }

  private static double mean(double x, double share, double slope, double root) {
    double logit = Math.log(share / (1 - share)) + slope * (x - root);
    return 1 / (1 + Math.exp(-Math.max(-MAX_LOGIT, Math.min(MAX_LOGIT, logit))));
  }
}
