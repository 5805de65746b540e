package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.BettingPValue;
import ai.cacheblend.metrics.ConfidenceSequence;
import ai.cacheblend.metrics.Holm;
import ai.cacheblend.metrics.Interval;
import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.PairedDifference;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SelectorRanking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compares the selectors of a sweep at equal charged budgets: at the ratios of the sweep, taken as
 * charged budgets. The p values of all comparisons of a data set are corrected together.
 */
final class SelectorRankings {
  private SelectorRankings() {}

  /**
   * Rankings in the order of the runs, each with a valid sample; those without levels are left out.
   */
  static List<SelectorRanking> of(List<SweepAnalysis.Quality> runs) {
    Map<String, List<SelectorRanking>> byDataset = new LinkedHashMap<>();
    for (SweepAnalysis.Quality run : runs) {
      SelectorRanking ranking = uncorrected(run);
      if (!ranking.levels().isEmpty()) {
        byDataset.computeIfAbsent(ranking.dataset(), d -> new ArrayList<>()).add(ranking);
      }
    }
    return byDataset.values().stream().flatMap(same -> corrected(same).stream()).toList();
  }

  private static SelectorRanking uncorrected(SweepAnalysis.Quality run) {
    QualityPlan plan = run.plan();
    List<Sample> valid =
        SampleOrder.random(plan).sorted(run.samples().stream().filter(Sample::valid).toList());
    List<SelectorCurve> curves = SelectorCurve.of(run, valid);
    double[] full =
        plan.baseline()
            .map(baseline -> QualityAnalysis.scores(valid, baseline, plan.metric()))
            .orElse(new double[0]);
    List<SelectorRanking.Level> levels = new ArrayList<>();
    for (double budget : ratios(plan.arms())) {
      SelectorRanking.Level level = level(plan, curves, full, budget);
      if (level.entries().size() > 1) {
        levels.add(level);
      }
    }
    return new SelectorRanking(
        plan.dataset(), plan.chunkTokens().orElse(0), plan.metric(), valid.size(), 0, levels);
  }

  private static List<Double> ratios(List<NamedArm> arms) {
    return arms.stream()
        .filter(arm -> arm.selectorOfAnyRatio().isPresent())
        .map(SelectorCurve::ratio)
        .distinct()
        .sorted()
        .toList();
  }

  private static SelectorRanking.Level level(
      QualityPlan plan, List<SelectorCurve> curves, double[] full, double budget) {
    List<SelectorCurve.At> at = new ArrayList<>();
    List<String> notComparable = new ArrayList<>();
    for (SelectorCurve curve : curves) {
      Optional<SelectorCurve.At> found = curve.at(budget);
      found.ifPresent(at::add);
      if (found.isEmpty()) {
        notComparable.add(curve.selector());
      }
    }
    at.sort((one, other) -> Double.compare(other.mean(), one.mean()));
    List<SelectorRanking.Comparison> comparisons = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      for (int j = i + 1; j < at.size(); j++) {
        comparisons.add(comparison(at.get(i), at.get(j)));
      }
    }
    return new SelectorRanking.Level(
        budget,
        at.stream()
            .map(
                of ->
                    new SelectorRanking.Entry(
                        of.selector(),
                        of.mean(),
                        QualityAnalysis.retention(of.scores().toArray(), full, plan.margin()),
                        of.parts()))
            .toList(),
        comparisons,
        notComparable);
  }

  private static SelectorRanking.Comparison comparison(
      SelectorCurve.At first, SelectorCurve.At second) {
    double[] differences =
        PairedDifference.differences(first.scores().toArray(), second.scores().toArray());
    Interval interval = ConfidenceSequence.of(differences, NonInferiorityRule.ALPHA);
    return new SelectorRanking.Comparison(
        first.selector(),
        second.selector(),
        first.mean() - second.mean(),
        interval.low(),
        interval.high(),
        BettingPValue.twoSided(differences),
        Double.NaN,
        false);
  }

  private static List<SelectorRanking> corrected(List<SelectorRanking> ofDataset) {
    double[] p =
        ofDataset.stream()
            .flatMap(ranking -> ranking.levels().stream())
            .flatMap(level -> level.comparisons().stream())
            .mapToDouble(SelectorRanking.Comparison::p)
            .toArray();
    double[] adjusted = Holm.adjusted(p);
    List<SelectorRanking> rankings = new ArrayList<>();
    int index = 0;
    for (SelectorRanking ranking : ofDataset) {
      List<SelectorRanking.Level> levels = new ArrayList<>();
      for (SelectorRanking.Level level : ranking.levels()) {
        List<SelectorRanking.Comparison> comparisons = new ArrayList<>();
        for (SelectorRanking.Comparison comparison : level.comparisons()) {
          comparisons.add(with(comparison, adjusted[index++]));
        }
        levels.add(
            new SelectorRanking.Level(
                level.chargedBudget(), level.entries(), comparisons, level.notComparable()));
      }
      rankings.add(
          new SelectorRanking(
              ranking.dataset(),
              ranking.chunkTokens(),
              ranking.metric(),
              ranking.n(),
              p.length,
              levels));
    }
    return rankings;
  }

  private static SelectorRanking.Comparison with(SelectorRanking.Comparison of, double holmP) {
    return new SelectorRanking.Comparison(
        of.first(),
        of.second(),
        of.difference(),
        of.low95(),
        of.high95(),
        of.p(),
        holmP,
        holmP <= NonInferiorityRule.ALPHA);
  }
}
