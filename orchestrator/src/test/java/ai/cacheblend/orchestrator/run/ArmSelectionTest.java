package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.GateDecision;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.testing.QualityPlanEditor;
import ai.cacheblend.orchestrator.testing.Samples;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ArmSelectionTest {
  private static final int SELECTION = 100;
  private static final int SAMPLES = 500;

  private static final ArmScores FULL = new ArmScores("full_prefill", 1, i -> 1);
  private static final ArmScores REUSE = new ArmScores("full_kv_reuse", 0, i -> i % 2);
  private static final ArmScores RANDOM = new ArmScores("random@0.1", 0.1, i -> 1);
  private static final ArmScores CHEAP = new ArmScores("chunk-head@0.1", 0.1, lost(0.1));
  private static final ArmScores MIDDLE = new ArmScores("chunk-head@0.3", 0.3, lost(0.01));
  private static final ArmScores WORSE = new ArmScores("query-attn@0.3", 0.33, lost(0.02));
  private static final ArmScores DEAR = new ArmScores("head-attn@0.5", 0.5, i -> 1);

  /** A share of the samples is lost, spread evenly. */
  private static ArmScores.Scores lost(double share) {
    return i -> (i * 37) % SAMPLES < share * SAMPLES ? 0 : 1;
  }

  @Test
  void theSequenceHasTheArmsThatAreBetterThanAllCheaperOnesTheMostExpensiveFirst() {
    ArmSelection selection = select(FULL, REUSE, RANDOM, CHEAP, MIDDLE, WORSE, DEAR);

    assertThat(selection.candidates())
        .extracting(GateDecision.Candidate::arm)
        .containsExactly(
            "full_kv_reuse", "chunk-head@0.1", "chunk-head@0.3", "query-attn@0.3", "head-attn@0.5");
    assertThat(selection.sequence())
        .extracting(NamedArm::name)
        .containsExactly("head-attn@0.5", "chunk-head@0.3");
    assertThat(selection.testPlan().arms())
        .extracting(NamedArm::name)
        .containsExactly("full_prefill", "head-attn@0.5", "chunk-head@0.3");
  }

  @Test
  void theBestArmIsTestedIfNoneIsPromising() {
    assertThat(select(FULL, REUSE, CHEAP).sequence())
        .extracting(NamedArm::name)
        .containsExactly("chunk-head@0.1");
  }

  @Test
  void theLastArmThatPassesIsChosen() {
    Gate gate = gate(0.05, FULL, REUSE, CHEAP, MIDDLE, DEAR);

    assertThat(gate.verdict().outcome()).isEqualTo(Verdict.Outcome.PASS);
    assertThat(gate.chosen()).map(NamedArm::name).contains("chunk-head@0.3");
    assertThat(gate.isDecided()).isTrue();
    assertThat(gate.tested()).extracting(Sample::index).doesNotContainAnyElementsOf(selected());
  }

  /** The second arm loses too much on the samples of the test, not on those of the selection. */
  @Test
  void theFirstArmThatDoesNotPassEndsTheSequence() {
    List<Integer> selected = selected();
    ArmScores overfit =
        new ArmScores("query-attn@0.3", 0.33, i -> selected.contains(i) || i % 2 == 0 ? 1 : 0);
    ArmScores cheapest = new ArmScores("chunk-head@0.1", 0.1, i -> i == selected.get(0) ? 0 : 1);
    ArmScores first = new ArmScores("head-attn@0.5", 0.5, i -> 1);
    ArmScores second =
        new ArmScores(
            "query-attn@0.3",
            0.33,
            i -> selected.contains(i) ? (i == selected.get(0) ? 0 : 1) : i % 2);
    ArmScores third =
        new ArmScores(
            "chunk-head@0.1", 0.1, i -> i == selected.get(0) || i == selected.get(1) ? 0 : 1);
    Gate gate = gate(0.05, FULL, first, second, third);

    assertThat(gate.verdict().outcome()).isEqualTo(Verdict.Outcome.PASS);
    // The third arm would pass, but is not reached.
    assertThat(gate.chosen()).map(NamedArm::name).contains("head-attn@0.5");
    assertThat(gate.isDecided()).isTrue();
    // Where the better arms overfit, the first of the sequence decides.
    assertThat(gate(0.05, FULL, overfit, cheapest).verdict().outcome())
        .isEqualTo(Verdict.Outcome.FAIL);
  }

  @Test
  void theSentenceHasTheChosenArmAndEverythingThatWasTried() {
    ArmSelection selection = select(0.05, FULL, REUSE, CHEAP, MIDDLE, DEAR);
    Gate gate = gate(0.05, FULL, REUSE, CHEAP, MIDDLE, DEAR);

    assertThat(selection.record(gate).chosen()).contains("chunk-head@0.3");
    assertThat(selection.sentence(gate))
        .startsWith("Use chunk-head@0.3 (pocketwiki: pass, margin 0.05, word F1 ")
        .contains("charged budget 0.300")
        .endsWith(
            "4 candidates compared on 100 samples, 2 tested in sequence on %d others."
                .formatted(gate.tested().size()));
  }

  @Test
  void withoutAValidSampleThereIsNoSelection() {
    assertThatThrownBy(() -> ArmSelection.of(plan(0.02, FULL, CHEAP), List.of(), Samples.LAYERS))
        .isInstanceOf(RunFailedException.class);
  }

  private static ArmSelection select(ArmScores... arms) {
    return select(0.02, arms);
  }

  private static ArmSelection select(double margin, ArmScores... arms) {
    QualityPlan plan = plan(margin, arms);
    List<Integer> selected = selected();
    return ArmSelection.of(
        plan,
        ArmScores.samples(SAMPLES, List.of(arms)).stream()
            .filter(sample -> selected.contains(sample.index()))
            .toList(),
        Samples.LAYERS);
  }

  private static Gate gate(double margin, ArmScores... arms) {
    ArmSelection selection = select(margin, arms);
    Gate gate =
        Gate.inSequence(
            selection.testPlan(),
            SampleOrder.random(plan(margin, arms)).after(SELECTION),
            Samples.LAYERS);
    ArmScores.samples(SAMPLES, List.of(arms)).stream()
        .filter(sample -> gate.order().indices().contains(sample.index()))
        .forEach(gate::add);
    return gate;
  }

  private static List<Integer> selected() {
    return SampleOrder.random(plan(0.02, FULL, CHEAP)).first(SELECTION).indices();
  }

  private static QualityPlan plan(double margin, ArmScores... arms) {
    return QualityPlanEditor.of(Samples.qualityPlan())
        .samples(SAMPLES)
        .arms(ArmScores.arms(List.of(arms)))
        .margin(margin)
        .plan()
        .withSelection(OptionalInt.of(SELECTION));
  }
}
