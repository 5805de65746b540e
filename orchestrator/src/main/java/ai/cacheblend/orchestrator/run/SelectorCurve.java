package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Selector;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SelectorRanking;
import com.google.common.primitives.ImmutableDoubleArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Scores of a selector by charged budget.
 *
 * <p>Between two arms, the scores of each sample are interpolated linearly. That is the expected
 * score of a system that draws one of the two arms for each prompt, with the budget as expected
 * charge.
 *
 * @param points one per ratio, by charged budget
 */
record SelectorCurve(String selector, List<Point> points) {
  /** Arms whose charged budget is this close to a budget are not interpolated. */
  static final double TOLERANCE = 0.01;

  record Point(String arm, double chargedBudget, ImmutableDoubleArray scores) {}

  /** A selector at a budget. */
  record At(String selector, ImmutableDoubleArray scores, List<SelectorRanking.Part> parts) {
    double mean() {
      return scores.stream().average().orElseThrow();
    }
  }

  SelectorCurve {
    points = points.stream().sorted(Comparator.comparingDouble(Point::chargedBudget)).toList();
  }

  /** The selectors of a run, in the order of its plan; scores in the order of {@code valid}. */
  static List<SelectorCurve> of(SweepAnalysis.Quality run, List<Sample> valid) {
    Map<Selector, List<NamedArm>> arms = new LinkedHashMap<>();
    for (NamedArm arm : run.plan().arms()) {
      arm.selectorOfAnyRatio()
          .ifPresent(of -> arms.computeIfAbsent(of, s -> new ArrayList<>()).add(arm));
    }
    return arms.values().stream()
        .map(
            same ->
                new SelectorCurve(
                    same.get(0).nameWithoutRatio(),
                    same.stream()
                        .map(
                            arm ->
                                new Point(
                                    arm.name(),
                                    run.summary().arms().get(arm.name()).chargedBudget(),
                                    ImmutableDoubleArray.copyOf(
                                        QualityAnalysis.scores(valid, arm, run.plan().metric()))))
                        .toList()))
        .toList();
  }

  static double ratio(NamedArm arm) {
    return ((Arm.CacheBlend) arm.arm()).selector().ratio().orElseThrow();
  }

  /** Empty if the arms do not enclose the budget. */
  Optional<At> at(double budget) {
    Optional<Point> near =
        points.stream()
            .filter(point -> distance(point, budget) <= TOLERANCE)
            .min(Comparator.comparingDouble(point -> distance(point, budget)));
    if (near.isPresent()) {
      Point point = near.get();
      return Optional.of(new At(selector, point.scores, List.of(part(point, 1))));
    }
    for (int i = 1; i < points.size(); i++) {
      Point below = points.get(i - 1);
      Point above = points.get(i);
      if (below.chargedBudget < budget && budget < above.chargedBudget) {
        double weight =
            (above.chargedBudget - budget) / (above.chargedBudget - below.chargedBudget);
        return Optional.of(
            new At(
                selector,
                mixed(below.scores, weight, above.scores),
                List.of(part(below, weight), part(above, 1 - weight))));
      }
    }
    return Optional.empty();
  }

  private static double distance(Point point, double budget) {
    return Math.abs(point.chargedBudget - budget);
  }

  private static SelectorRanking.Part part(Point point, double weight) {
    return new SelectorRanking.Part(point.arm, weight, point.chargedBudget);
  }

  private static ImmutableDoubleArray mixed(
      ImmutableDoubleArray below, double weight, ImmutableDoubleArray above) {
    ImmutableDoubleArray.Builder mixed = ImmutableDoubleArray.builder(below.length());
    for (int i = 0; i < below.length(); i++) {
      mixed.add(weight * below.get(i) + (1 - weight) * above.get(i));
    }
    return mixed.build();
  }
}
