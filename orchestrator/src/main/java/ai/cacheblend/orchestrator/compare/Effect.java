package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.metrics.MeanDifference;
import ai.cacheblend.metrics.Summary;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The difference of the value of a cell between two runs.
 *
 * @param meanA mean in the first run, in the measure's unit
 * @param pairCount prompts that both runs answered and that are compared one by one; 0 where the
 *     runs are compared as independent
 * @param test on the measure's scale, second run against first; empty where there are too few
 *     values
 */
public record Effect(
    Cell cell,
    int countA,
    int countB,
    double meanA,
    double meanB,
    int pairCount,
    Optional<MeanDifference> test) {

  static Effect of(Cell cell, Map<String, Double> a, Map<String, Double> b) {
    List<String> shared = a.keySet().stream().filter(b::containsKey).toList();
    boolean paired = shared.size() >= 2 && 2 * shared.size() >= Math.min(a.size(), b.size());
    return new Effect(
        cell,
        a.size(),
        b.size(),
        mean(cell, a),
        mean(cell, b),
        paired ? shared.size() : 0,
        paired ? Optional.of(pairs(cell, shared, a, b)) : independent(cell, a, b));
  }

  private static MeanDifference pairs(
      Cell cell, List<String> prompts, Map<String, Double> a, Map<String, Double> b) {
    return MeanDifference.ofPairs(
        prompts.stream().mapToDouble(p -> cell.measure().toScale(a.get(p))).toArray(),
        prompts.stream().mapToDouble(p -> cell.measure().toScale(b.get(p))).toArray());
  }

  private static Optional<MeanDifference> independent(
      Cell cell, Map<String, Double> a, Map<String, Double> b) {
    return Math.min(a.size(), b.size()) < 2
        ? Optional.empty()
        : Optional.of(MeanDifference.welch(scaled(cell, a), scaled(cell, b)));
  }

  private static double[] scaled(Cell cell, Map<String, Double> values) {
    return values.values().stream().mapToDouble(v -> cell.measure().toScale(v)).toArray();
  }

  /** The mean; of ratios the geometric mean, as in the comparison. */
  private static double mean(Cell cell, Map<String, Double> values) {
    return cell.measure() == ComparedMeasure.SPEEDUP
        ? Math.exp(Summary.of(scaled(cell, values)).mean())
        : Summary.of(values.values().stream().mapToDouble(Double::doubleValue).toArray()).mean();
  }

  /** Second run against first: a share for relative measures, else a difference. */
  public Optional<Double> change() {
    return test.map(t -> cell.measure().changeOfScale(t.difference()));
  }

  /** Lower end of the 95 % interval of the change, not corrected for other cells. */
  public Optional<Double> low95() {
    return test.map(t -> cell.measure().changeOfScale(t.low95()));
  }

  /** Upper end. */
  public Optional<Double> high95() {
    return test.map(t -> cell.measure().changeOfScale(t.high95()));
  }
}
