package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.Recommendation;
import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import ai.cacheblend.orchestrator.records.Statistics;
import ai.cacheblend.orchestrator.records.SweepSummary;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SweepAdviceTest {
  private static final List<NamedArm> ARMS =
      ArmSyntax.parseAll(
          "full_prefill,full_kv_reuse,cacheblend@0.15,head-attn@0.3,random@0.3",
          ArmDefaults.seed(0));

  @Test
  void recommendsTheFastestArmThatIsSafeOnEveryDataSet() {
    Recommendation advice =
        advice(
            point("wiki", "full_kv_reuse", 8, "fail", 1, -0.3),
            point("chat", "full_kv_reuse", 8, "pass", 0.001, 0),
            point("wiki", "cacheblend@0.15", 3, "pass", 0.001, 0),
            point("chat", "cacheblend@0.15", 3, "pass", 0.002, 0),
            point("wiki", "head-attn@0.3", 2, "pass", 0.001, 0),
            point("chat", "head-attn@0.3", 2, "pass", 0.001, 0),
            point("wiki", "random@0.3", 9, "pass", 0.001, 0),
            point("chat", "random@0.3", 9, "pass", 0.001, 0));

    assertThat(advice.arm()).contains("cacheblend@0.15");
    assertThat(advice.candidates()).isEqualTo(3);
    assertThat(advice.sentence())
        .isEqualTo(
            "Use cacheblend@0.15 (wiki: pass, margin 0.02, word F1 +0.000 (95 %: -0.010 to"
                + " +0.010), n = 300, retention 1.000 (0.980 to 1.020), charged budget 0.250;"
                + " chat: pass, margin 0.02, word F1 +0.000 (95 %: -0.010 to +0.010), n = 300,"
                + " retention 1.000 (0.980 to 1.020), charged budget 0.250; TTFT speed-up 3.00"
                + " (2.90 to 3.10) at 4096 tokens): p = 0.0040 after Holm's correction for 3"
                + " candidates.");
  }

  /** Each of three arms passes alone at 4 %; the choice among them must not. */
  @Test
  void theNumberOfCandidatesIsCorrectedFor() {
    Recommendation advice =
        advice(
            point("wiki", "full_kv_reuse", 8, "pass", 0.04, -0.001),
            point("wiki", "cacheblend@0.15", 3, "pass", 0.04, -0.002),
            point("wiki", "head-attn@0.3", 2, "pass", 0.04, 0.001));

    assertThat(advice.arm()).isEmpty();
    assertThat(advice.sentence())
        .startsWith("Use full_prefill: none of 3 candidates")
        .contains("The smallest loss has head-attn@0.3 (wiki: pass")
        .endsWith("More samples may decide: run gate --selector auto.");
  }

  @Test
  void anArmWithoutAResultOnADataSetIsNoCandidate() {
    Recommendation advice =
        advice(
            point("wiki", "full_kv_reuse", 8, "fail", 1, -0.3),
            point("chat", "full_kv_reuse", 8, "fail", 1, -0.2),
            point("wiki", "cacheblend@0.15", 3, "pass", 0.001, 0));

    assertThat(advice.arm()).isEmpty();
    assertThat(advice.candidates()).isEqualTo(1);
    assertThat(advice.sentence()).endsWith("Higher ratios or a larger margin may pass.");
  }

  private static Recommendation advice(SweepSummary.Point... points) {
    return SweepAdvice.of(ARMS, List.of(points)).orElseThrow();
  }

  private static SweepSummary.Point point(
      String dataset, String arm, double speedUp, String verdict, double passP, double mean) {
    Statistics statistics = Statistics.of(0.5, 0.6);
    return new SweepSummary.Point(
        arm,
        new SweepSummary.Shape(512, 8, 4096),
        dataset,
        "word_f1_longbench",
        0.25,
        0.2,
        statistics,
        Optional.of(new SpeedUpStatistics(5, speedUp, speedUp, speedUp - 0.1, speedUp + 0.1, true)),
        statistics,
        Optional.of(
            new ScoreDifference(
                300, mean, 0.1, mean - 0.01, mean + 0.01, 0.5, 0.02, verdict, "reason", passP)),
        Optional.of(new Retention(1, 0.98, 1.02, Optional.empty())),
        false,
        false);
  }
}
