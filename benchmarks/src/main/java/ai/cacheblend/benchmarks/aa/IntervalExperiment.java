package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.metrics.ConfidenceSequence;
import ai.cacheblend.metrics.Interval;
import ai.cacheblend.metrics.NonInferiorityRule;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/** Coverage and width of the confidence interval of a paired difference. */
final class IntervalExperiment {
  static final List<Integer> COUNTS = List.of(10, 30, 100, 400);
  static final List<Double> LOSSES = List.of(0.0, 0.0205, 0.03, 0.05, 0.08);

  private IntervalExperiment() {}

  /**
   * Outcomes of many runs.
   *
   * @param covered number of runs whose interval contains the true mean difference
   */
  record Outcome(int runs, int covered, double meanWidth) {
    double coverage() {
      return (double) covered / runs;
    }
  }

  /** Intervals of {@code n} samples each; reproducible by seed. */
  static Outcome of(ScoreDistribution scores, double loss, int n, int runs, long seed) {
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    int covered = 0;
    double widths = 0;
    for (int run = 0; run < runs; run++) {
      double[] differences = new double[n];
      for (int i = 0; i < n; i++) {
        differences[i] = scores.draw(random, loss).difference();
      }
      Interval interval = ConfidenceSequence.of(differences, NonInferiorityRule.ALPHA);
      covered += interval.contains(-loss) ? 1 : 0;
      widths += interval.width();
    }
    return new Outcome(runs, covered, widths / runs);
  }

  static void print(int runs) {
    System.out.printf(
        "95 %% confidence interval of the paired difference, %d runs each: lowest coverage over true"
            + " losses of %s, and mean width%n%n",
        runs, LOSSES);
    Tables.header("scores", COUNTS.stream().map(n -> "n = " + n).toList());
    for (ScoreDistribution scores : ScoreDistribution.values()) {
      Tables.row(scores.text(), COUNTS.stream().map(n -> cell(scores, n, runs)).toList());
    }
  }

  private static String cell(ScoreDistribution scores, int n, int runs) {
    List<Outcome> outcomes =
        LOSSES.stream().map(loss -> of(scores, loss, n, runs, seed(scores, loss, n))).toList();
    return Tables.text(
        "%.1f %%, %.3f",
        100 * outcomes.stream().mapToDouble(Outcome::coverage).min().orElseThrow(),
        outcomes.stream().mapToDouble(Outcome::meanWidth).average().orElseThrow());
  }

  private static long seed(ScoreDistribution scores, double loss, int n) {
    return 1_000_003L * scores.name().hashCode() + 31L * n + Math.round(loss * 1e6);
  }
}
