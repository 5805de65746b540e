package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.metrics.Holm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.SelectorRanking;
import ai.cacheblend.orchestrator.testing.QualityPlanEditor;
import ai.cacheblend.orchestrator.testing.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SelectorRankingsTest {
  private static final ArmScores FULL = new ArmScores("full_prefill", 1, i -> 1);

  @Test
  void selectorsAreComparedAtEqualChargedBudgets() {
    SelectorRanking ranking =
        ranking(
            200,
            FULL,
            new ArmScores("chunk-head@0.1", 0.1, i -> 0.2),
            new ArmScores("chunk-head@0.3", 0.3, i -> 0.6),
            new ArmScores("query-attn@0.1", 0.15, i -> 0.5),
            new ArmScores("query-attn@0.3", 0.35, i -> 0.9),
            new ArmScores("cacheblend@0.1", 0.4, i -> 1),
            new ArmScores("cacheblend@0.3", 0.6, i -> 1));

    // At 0.1 only chunk-head has arms.
    assertThat(ranking.levels()).hasSize(1);
    SelectorRanking.Level level = ranking.levels().get(0);
    assertThat(level.chargedBudget()).isEqualTo(0.3);
    assertThat(level.notComparable()).containsExactly("cacheblend");
    assertThat(level.entries())
        .extracting(SelectorRanking.Entry::selector)
        .containsExactly("query-attn", "chunk-head");
    // 0.3 lies three quarters of the way from 0.15 to 0.35.
    SelectorRanking.Entry first = level.entries().get(0);
    assertThat(first.score()).isEqualTo(0.25 * 0.5 + 0.75 * 0.9, within(1e-9));
    assertThat(first.parts().get(0).weight()).isEqualTo(0.25, within(1e-9));
    assertThat(first.parts().get(1).arm()).isEqualTo("query-attn@0.3");
    assertThat(first.retention().ratio()).isEqualTo(0.8, within(1e-9));
    assertThat(level.entries().get(1).parts())
        .containsExactly(new SelectorRanking.Part("chunk-head@0.3", 1, 0.3));
    assertThat(level.behind("query-attn")).containsExactly("chunk-head");
  }

  @Test
  void anArmWithinTheToleranceIsNotInterpolated() {
    SelectorRanking ranking =
        ranking(
            50,
            FULL,
            new ArmScores("chunk-head@0.1", 0.1, i -> 0.2),
            new ArmScores("chunk-head@0.3", 0.308, i -> 0.6),
            new ArmScores("random@0.1", 0.1, i -> 0.2),
            new ArmScores("random@0.3", 0.292, i -> 0.5));

    assertThat(ranking.levels()).hasSize(2);
    assertThat(ranking.levels().get(1).entries())
        .extracting(SelectorRanking.Entry::score)
        .containsExactly(0.6, 0.5);
    assertThat(ranking.levels().get(1).entries()).allMatch(entry -> entry.parts().size() == 1);
  }

  @Test
  void equalScoresAreNotResolvedAndPValuesAreCorrectedOverTheDataSet() {
    SelectorRanking ranking =
        ranking(
            120,
            FULL,
            new ArmScores("chunk-head@0.1", 0.1, i -> i % 2),
            new ArmScores("chunk-head@0.3", 0.3, i -> i % 2),
            new ArmScores("random@0.1", 0.1, i -> (i + 1) % 2),
            new ArmScores("random@0.3", 0.3, i -> i % 3 == 0 ? 0 : i % 2),
            new ArmScores("head-attn@0.1", 0.1, i -> i % 2),
            new ArmScores("head-attn@0.3", 0.3, i -> i % 2));
    List<SelectorRanking.Comparison> comparisons =
        ranking.levels().stream().flatMap(level -> level.comparisons().stream()).toList();

    assertThat(ranking.comparisonCount()).isEqualTo(6).isEqualTo(comparisons.size());
    double[] adjusted =
        Holm.adjusted(comparisons.stream().mapToDouble(SelectorRanking.Comparison::p).toArray());
    for (int i = 0; i < adjusted.length; i++) {
      assertThat(comparisons.get(i).holmP()).isEqualTo(adjusted[i]);
      assertThat(comparisons.get(i).resolved()).isEqualTo(adjusted[i] <= 0.05);
    }
    assertThat(comparisons)
        .filteredOn(c -> c.first().equals("chunk-head") && c.second().equals("head-attn"))
        .hasSize(2)
        .allMatch(c -> c.p() == 1 && !c.resolved());
    assertThat(comparisons).anyMatch(SelectorRanking.Comparison::resolved);
  }

  /** Eight lost samples reject one hypothesis at 5 %, not one of six. */
  @Test
  void aDifferenceThatOnlyPassesWithoutTheCorrectionIsNotResolved() {
    SelectorRanking ranking =
        ranking(
            120,
            FULL,
            new ArmScores("chunk-head@0.1", 0.1, i -> 1),
            new ArmScores("chunk-head@0.3", 0.3, i -> 1),
            new ArmScores("random@0.1", 0.1, i -> i % 15 == 0 ? 0 : 1),
            new ArmScores("random@0.3", 0.3, i -> 1),
            new ArmScores("head-attn@0.1", 0.1, i -> 1),
            new ArmScores("head-attn@0.3", 0.3, i -> 1));

    assertThat(ranking.levels().get(0).comparisons()).anyMatch(c -> c.p() <= 0.05);
    assertThat(ranking.levels().get(0).comparisons()).noneMatch(c -> c.resolved());
  }

  private static SelectorRanking ranking(int count, ArmScores... arms) {
    List<ArmScores> all = List.of(arms);
    QualityPlan plan =
        QualityPlanEditor.of(Samples.qualityPlan()).samples(count).arms(ArmScores.arms(all)).plan();
    List<Sample> samples = ArmScores.samples(count, all);
    return SelectorRankings.of(
            List.of(
                new SweepAnalysis.Quality(
                    plan, samples, QualityAnalysis.summary(plan, samples, Samples.LAYERS))))
        .get(0);
  }
}
