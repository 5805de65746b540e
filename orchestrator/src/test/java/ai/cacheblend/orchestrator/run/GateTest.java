package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.metrics.Verdict;
import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.ArmRun;
import ai.cacheblend.orchestrator.records.BlockLoad;
import ai.cacheblend.orchestrator.records.QualitySummary;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.testing.QualityPlanEditor;
import ai.cacheblend.orchestrator.testing.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GateTest {
  private static final QualityPlan PLAN = Samples.qualityPlan();

  @Test
  void theOrderOfArrivalHasNoEffect() {
    List<Sample> samples = samples(300, index -> index % 3 == 0 ? 0.5 : 1);
    Gate inOrder = gate(samples);
    List<Sample> shuffled = new ArrayList<>(samples);
    Collections.shuffle(shuffled, new Random(1));

    assertThat(inOrder.verdict().outcome()).isEqualTo(Verdict.Outcome.FAIL);
    assertThat(gate(shuffled).verdict()).isEqualTo(inOrder.verdict());
    assertThat(gate(shuffled).tested()).isEqualTo(inOrder.tested());
  }

  /** Half of the samples lose nothing, then every second one is lost: a mean loss of 0.25. */
  @Test
  void aSortedDataSetDoesNotPass() {
    Gate gate = gate(samples(400, index -> index >= 200 && index % 2 == 0 ? 0 : 1));

    assertThat(gate.verdict().outcome()).isEqualTo(Verdict.Outcome.FAIL);
    assertThat(gate.tested()).hasSizeLessThan(100);
  }

  @Test
  void theOrderDependsOnTheSeedAloneAndHasEachSampleOnce() {
    SampleOrder order = SampleOrder.random(plan(400, 1));

    assertThat(order).isEqualTo(SampleOrder.random(plan(400, 1)));
    assertThat(order).isNotEqualTo(SampleOrder.random(plan(400, 2)));
    assertThat(order.indices())
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, 400).boxed().toList());
    assertThat(order.indices().subList(0, 100).stream().filter(index -> index < 200).count())
        .isBetween(30L, 70L);
  }

  @Test
  void samplesAfterTheDecisionOrAGapAreNotTested() {
    List<Sample> samples = samples(400, index -> 1);
    Gate gate = gate(samples);
    assertThat(gate.isDecided()).isTrue();
    assertThat(gate.tested()).hasSize(195);

    int first = gate.order().indices().get(0);
    Gate gap = new Gate(plan(400, PLAN.seed()), Samples.LAYERS);
    samples.stream().filter(sample -> sample.index() != first).forEach(gap::add);
    assertThat(gap.isDecided()).isFalse();
    assertThat(gap.tested()).isEmpty();
    gap.add(samples.get(first));
    assertThat(gap.verdict()).isEqualTo(gate.verdict());
  }

  @Test
  void summaryOfTheTestedSamplesHasTheVerdictOfTheGate() {
    Gate gate = gate(samples(400, index -> index % 5 == 0 ? 0 : 1));
    QualitySummary summary =
        QualityAnalysis.summary(plan(400, PLAN.seed()), gate.tested(), Samples.LAYERS);

    assertThat(gate.verdict().outcome()).isEqualTo(Verdict.Outcome.FAIL);
    assertThat(
            summary
                .arms()
                .get("cacheblend")
                .comparison()
                .orElseThrow()
                .armMinusFullPrefill()
                .verdict())
        .isEqualTo(Verdict.Outcome.FAIL.id());
    assertThat(gate.interims())
        .extracting(Gate.Interim::sampleCount)
        .endsWith(gate.tested().size())
        .startsWith(25);
  }

  @Test
  void invalidSamplesAreExcluded() {
    List<Sample> samples = new ArrayList<>(samples(10, index -> 0));
    samples.replaceAll(s -> sample(s.index(), 1, 0, Optional.of("no answer")));
    Gate gate = gate(samples);

    assertThat(gate.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    assertThat(gate.verdict().reason()).contains("there is no valid sample");
    assertThat(gate.tested()).hasSize(10);
  }

  @Test
  void planRequiresABaselineAndAnArm() {
    QualityPlan one = QualityPlanEditor.of(PLAN).arms(PLAN.arms().subList(0, 1)).plan();

    assertThatThrownBy(() -> new Gate(one, Samples.LAYERS))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("a gate needs full_prefill and one other arm or more");
  }

  private static QualityPlan plan(int samples, long seed) {
    return QualityPlanEditor.of(PLAN).samples(samples).seed(seed).plan();
  }

  private static Gate gate(List<Sample> samples) {
    Gate gate = new Gate(plan(samples.size(), PLAN.seed()), Samples.LAYERS);
    samples.forEach(gate::add);
    return gate;
  }

  /** Full prefill scores 1 on each sample, every other arm as given. */
  private static List<Sample> samples(int count, IntToDoubleFunction score) {
    return IntStream.range(0, count)
        .mapToObj(index -> sample(index, 1, score.applyAsDouble(index), Optional.empty()))
        .toList();
  }

  private static Sample sample(int index, double full, double score, Optional<String> problem) {
    ArmRun like = Samples.samples().get(0).armRuns().get(0);
    List<ArmRun> armRuns =
        PLAN.arms().stream()
            .map(
                arm ->
                    new ArmRun(
                        arm.name(),
                        0,
                        Instant.EPOCH,
                        like.expectedRows(),
                        like.answer(),
                        Optional.empty(),
                        Optional.of(
                            new ArmRun.Score(
                                "text",
                                Map.of(
                                    PLAN.metric(),
                                    arm.name().equals("full_prefill") ? full : score)))))
            .toList();
    return new Sample(
        index,
        "sample-" + index,
        "",
        "question",
        List.of("text"),
        Samples.samples().get(0).origin(),
        Instant.EPOCH,
        "hash",
        1,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        armRuns,
        problem,
        false,
        DeviceState.UNKNOWN,
        BlockLoad.UNKNOWN);
  }
}
