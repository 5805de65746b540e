package ai.cacheblend.benchmarks.aa;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.Verdict;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/** Error rates and power of the non-inferiority rule over samples with a known mean loss. */
final class GateExperiment {
  static final double MARGIN = 0.02;
  static final int MAX_SAMPLES = 400;

  /** Losses below, near and above the margin. */
  static final List<Double> LOSSES = List.of(0.0, 0.0195, 0.0205, 0.03, 0.05, 0.08);

  private GateExperiment() {}

  /**
   * Outcomes of many runs.
   *
   * @param samples number of samples of each run, ascending
   */
  record Outcome(int runs, Map<Verdict.Outcome, Integer> counts, List<Integer> samples) {
    double share(Verdict.Outcome outcome) {
      return (double) counts.getOrDefault(outcome, 0) / runs;
    }

    /** Nearest rank. */
    int samplesAt(double fraction) {
      return samples.get((int) Math.ceil(fraction * runs) - 1);
    }
  }

  /** Runs the rule until it decides or {@code maxSamples} are drawn; reproducible by seed. */
  static Outcome of(
      ScoreDistribution scores, double loss, double margin, int maxSamples, int runs, long seed) {
    UniformRandomProvider random = RandomSource.XO_RO_SHI_RO_128_PP.create(seed);
    Map<Verdict.Outcome, Integer> counts = new EnumMap<>(Verdict.Outcome.class);
    Integer[] samples = new Integer[runs];
    for (int run = 0; run < runs; run++) {
      NonInferiorityRule rule = new NonInferiorityRule(margin);
      while (!rule.isDecided() && rule.loss().count() < maxSamples) {
        ScoreDistribution.Pair pair = scores.draw(random, loss);
        rule.add(pair.full(), pair.arm(), false);
      }
      counts.merge(rule.verdict().outcome(), 1, Integer::sum);
      samples[run] = rule.loss().count();
    }
    Arrays.sort(samples);
    return new Outcome(runs, counts, List.of(samples));
  }

  static void print(int runs) {
    System.out.printf(
        "Margin %s, at most %d samples, %d runs each: share of pass / fail, median samples%n%n",
        MARGIN, MAX_SAMPLES, runs);
    Tables.header(
        "scores", LOSSES.stream().map(loss -> "loss " + loss).collect(Collectors.toList()));
    double wrongPass = 0;
    double wrongFail = 0;
    for (ScoreDistribution scores : ScoreDistribution.values()) {
      List<Outcome> outcomes =
          LOSSES.stream()
              .map(loss -> of(scores, loss, MARGIN, MAX_SAMPLES, runs, seed(scores, loss)))
              .toList();
      for (int i = 0; i < LOSSES.size(); i++) {
        if (LOSSES.get(i) > MARGIN) {
          wrongPass = Math.max(wrongPass, outcomes.get(i).share(Verdict.Outcome.PASS));
        } else {
          wrongFail = Math.max(wrongFail, outcomes.get(i).share(Verdict.Outcome.FAIL));
        }
      }
      Tables.row(
          scores.text(),
          outcomes.stream()
              .map(
                  o ->
                      Tables.text(
                          "%.1f / %.1f %%, %d",
                          100 * o.share(Verdict.Outcome.PASS),
                          100 * o.share(Verdict.Outcome.FAIL),
                          o.samplesAt(0.5)))
              .toList());
    }
    System.out.printf(
        "%nlargest share of wrong passes %.2f %%, of wrong fails %.2f %%%n",
        100 * wrongPass, 100 * wrongFail);
    printPower(runs);
  }

  private static void printPower(int runs) {
    List<Double> margins = List.of(0.02, 0.03, 0.05, 0.1);
    int cap = 2_000;
    System.out.printf(
        "%nPower at no loss: samples until pass, median (90 %% of runs), and passes within %d / %d"
            + " samples%n%n",
        MAX_SAMPLES, cap);
    Tables.header("scores", margins.stream().map(margin -> "margin " + margin).toList());
    for (ScoreDistribution scores : ScoreDistribution.values()) {
      Tables.row(
          scores.text(),
          margins.stream()
              .map(margin -> power(of(scores, 0, margin, cap, runs, seed(scores, margin)), cap))
              .toList());
    }
    Tables.row(
        "no difference",
        margins.stream()
            .map(margin -> Long.toString(NonInferiorityRule.samplesToPass(margin)))
            .toList());
  }

  private static String power(Outcome outcome, int cap) {
    long within =
        outcome.samples().stream().filter(samples -> samples <= MAX_SAMPLES).count()
            - outcome.counts().getOrDefault(Verdict.Outcome.FAIL, 0);
    return Tables.text(
        "%s (%s), %.0f / %.0f %%",
        samples(outcome, 0.5, cap),
        samples(outcome, 0.9, cap),
        100.0 * within / outcome.runs(),
        100 * outcome.share(Verdict.Outcome.PASS));
  }

  private static String samples(Outcome outcome, double fraction, int cap) {
    int samples = outcome.samplesAt(fraction);
    return samples < cap ? Integer.toString(samples) : "> " + cap;
  }

  private static long seed(ScoreDistribution scores, double value) {
    return 1_000_003L * scores.name().hashCode() + Math.round(value * 1e6);
  }
}
