package ai.cacheblend.orchestrator.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class VerdictTest {
  private static final int COMPARISONS = 1000;
  private static final int CELLS = 20;
  private static final int PROMPTS = 5;

  /** Equal runs: of a thousand comparisons of twenty cells at most one in twenty finds anything. */
  @Test
  void equalRunsRarelyDiffer() {
    Random random = new Random(7);
    long alone = 0;
    long family = 0;
    for (int i = 0; i < COMPARISONS; i++) {
      List<Verdict> verdicts = Verdict.of(equal(random));
      if (verdicts.stream().anyMatch(verdict -> verdict.p().orElseThrow() <= Verdict.LEVEL)) {
        alone++;
      }
      if (verdicts.stream().anyMatch(Verdict::resolved)) {
        family++;
      }
    }

    // 1 - 0.95^20 = 64 % without correction; 5 % with it, and three standard errors of 0.7 %.
    assertThat(alone).isBetween(590L, 690L);
    assertThat(family).isBetween(20L, 71L);
  }

  private static List<Effect> equal(Random random) {
    List<Effect> effects = new ArrayList<>();
    for (int i = 0; i < CELLS; i++) {
      effects.add(
          Effect.of(
              Cell.ofLength(
                  ComparedMeasure.TTFT,
                  "arm " + i,
                  512,
                  new RunPart(Optional.empty(), Optional.empty())),
              noisy(random),
              noisy(random)));
    }
    return effects;
  }

  private static Map<String, Double> noisy(Random random) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (int prompt = 0; prompt < PROMPTS; prompt++) {
      values.put("prompt " + prompt, Math.exp(prompt + 0.1 * random.nextGaussian()));
    }
    return values;
  }
}
