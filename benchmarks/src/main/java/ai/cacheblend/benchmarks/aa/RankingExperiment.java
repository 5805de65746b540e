package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.metrics.BettingPValue;
import ai.cacheblend.metrics.Holm;
import ai.cacheblend.metrics.PairedDifference;
import com.google.common.primitives.Doubles;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/**
 * Family-wise error and power of the ranking of selectors: seven selectors at three charged
 * budgets, of which some are interpolated between two arms. Scores are drawn independently for each
 * selector, so differences vary more than between real selectors.
 *
 * <p>In the null case all selectors have the same mean at each budget. Their scores differ on some
 * samples, and the interpolated ones have more values than the others. In the other case one
 * selector scores higher by an effect.
 */
final class RankingExperiment {
  private static final int SELECTORS = 7;
  private static final int BUDGETS = 3;
  private static final int INTERPOLATED = 3;
  private static final double WEIGHT = 0.4;
  private static final double ALPHA = 0.05;
  private static final List<Double> EFFECTS = List.of(0.02, 0.05, 0.1);
  private static final List<Integer> SAMPLES = List.of(100, 400);

  private RankingExperiment() {}

  /**
   * Outcomes of many runs.
   *
   * @param wrong runs with a resolved comparison of equal selectors
   * @param resolved comparisons of the better selector with the others that are resolved
   * @param comparisons of the better selector
   */
  record Outcome(int runs, int wrong, int resolved, int comparisons) {
    double wrongShare() {
      return (double) wrong / runs;
    }

    double power() {
      return (double) resolved / comparisons;
    }
  }

  /** Reproducible by seed. */
  static Outcome of(ScoreDistribution scores, double effect, int samples, int runs, long seed) {
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    int wrong = 0;
    int resolved = 0;
    int comparisons = 0;
    for (int run = 0; run < runs; run++) {
      List<Double> p = new ArrayList<>();
      List<Boolean> ofBetter = new ArrayList<>();
      for (int budget = 0; budget < BUDGETS; budget++) {
        double[][] drawn = draw(scores, effect, samples, random);
        for (int i = 0; i < SELECTORS; i++) {
          for (int j = i + 1; j < SELECTORS; j++) {
            p.add(BettingPValue.twoSided(PairedDifference.differences(drawn[i], drawn[j])));
            ofBetter.add(i == 0 && effect > 0);
          }
        }
      }
      double[] adjusted = Holm.adjusted(Doubles.toArray(p));
      boolean anyWrong = false;
      for (int i = 0; i < adjusted.length; i++) {
        boolean rejects = adjusted[i] <= ALPHA;
        if (ofBetter.get(i)) {
          comparisons++;
          resolved += rejects ? 1 : 0;
        } else {
          anyWrong |= rejects;
        }
      }
      wrong += anyWrong ? 1 : 0;
    }
    return new Outcome(runs, wrong, resolved, Math.max(1, comparisons));
  }

  /** Scores by selector and sample; the first selector is better by {@code effect}. */
  private static double[][] draw(
      ScoreDistribution scores, double effect, int samples, UniformRandomProvider random) {
    double[][] drawn = new double[SELECTORS][samples];
    for (int sample = 0; sample < samples; sample++) {
      for (int selector = 0; selector < SELECTORS; selector++) {
        double loss = selector == 0 ? 0 : effect;
        double first = scores.draw(random, loss).arm();
        drawn[selector][sample] =
            selector < INTERPOLATED
                ? WEIGHT * first + (1 - WEIGHT) * scores.draw(random, loss).arm()
                : first;
      }
    }
    return drawn;
  }

  static void print(int runs) {
    System.out.printf(
        "%d runs each, %d selectors at %d charged budgets, %d comparisons: runs with a wrongly"
            + " resolved comparison, and resolved comparisons of a better selector%n%n",
        runs, SELECTORS, BUDGETS, BUDGETS * SELECTORS * (SELECTORS - 1) / 2);
    List<String> header = new ArrayList<>();
    for (int samples : SAMPLES) {
      header.add("n = " + samples + ": wrong");
      EFFECTS.forEach(effect -> header.add("better by " + effect));
    }
    Tables.header("scores", header);
    for (ScoreDistribution scores : ScoreDistribution.values()) {
      List<String> cells = new ArrayList<>();
      for (int samples : SAMPLES) {
        long seed = 1_000_003L * scores.name().hashCode() + samples;
        cells.add(Tables.text("%.2f %%", 100 * of(scores, 0, samples, runs, seed).wrongShare()));
        for (double effect : EFFECTS) {
          cells.add(Tables.text("%.0f %%", 100 * of(scores, effect, samples, runs, seed).power()));
        }
      }
      Tables.row(scores.text(), cells);
    }
  }
}
