package ai.cacheblend.orchestrator.compare;

import ai.cacheblend.metrics.Holm;
import ai.cacheblend.metrics.MeanDifference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether an effect is resolved, corrected for the number of cells.
 *
 * @param p two-sided, not corrected for other cells; empty if there are too few values
 * @param adjustedP after Holm's correction over all cells of the comparison
 */
public record Verdict(Effect effect, Optional<Double> p, Optional<Double> adjustedP) {
  static final double LEVEL = 0.05;

  /** Verdicts in the order of {@code effects}, which form one family of tests. */
  static List<Verdict> of(List<Effect> effects) {
    double[] p =
        effects.stream()
            .flatMap(effect -> effect.test().stream())
            .mapToDouble(MeanDifference::pTwoSided)
            .toArray();
    double[] adjusted = Holm.adjusted(p);
    List<Verdict> verdicts = new ArrayList<>();
    int next = 0;
    for (Effect effect : effects) {
      if (effect.test().isPresent()) {
        verdicts.add(new Verdict(effect, Optional.of(p[next]), Optional.of(adjusted[next])));
        next++;
      } else {
        verdicts.add(new Verdict(effect, Optional.empty(), Optional.empty()));
      }
    }
    return verdicts;
  }

  public boolean resolved() {
    return adjustedP.isPresent() && adjustedP.get() <= LEVEL;
  }

  public String words() {
    if (p.isEmpty()) {
      return "too few trials";
    }
    return resolved()
        ? effect.cell().measure().verdict(effect.test().orElseThrow().difference() > 0)
        : "no difference resolved";
  }
}
