package ai.cacheblend.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NonInferiorityRuleTest {

  @Test
  void equalScoresPassOnceTheLossIsExcluded() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    add(rule, 194, 0.8, 0.8);
    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    add(rule, 1, 0.8, 0.8);

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.PASS);
    assertThat(rule.verdict().reason()).contains("after 195 samples");
    assertThat(rule.verdict().isDecided()).isTrue();
  }

  @Test
  void largeLossFails() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    add(rule, 60, 1, 0.6);

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.FAIL);
    assertThat(rule.verdict().isDecided()).isTrue();
  }

  @Test
  void armsThatAllScoreZeroCannotBeJudged() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    add(rule, 5_000, 0, 0);

    assertThat(rule.loss().passedAfter()).hasValue(195);
    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    assertThat(rule.verdict().reason()).contains("the baseline scores 0.00", "above 0.0400");
    assertThat(rule.verdict().isDecided()).isFalse();
  }

  /** Full prefill scores 0.047 on questions that the model cannot answer; no difference is seen. */
  @Test
  void baselineJustAboveTheMarginCannotBeJudged() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    for (int i = 0; i < 400; i++) {
      double score = i % 21 == 20 ? 1 : 0;
      rule.add(score, score, false);
    }

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    assertThat(rule.verdict().reason()).contains("the baseline scores 0.0475");
  }

  @Test
  void baselineAboveTheFloorOnlyLateMayPass() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    add(rule, 200, 0, 0);
    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    add(rule, 200, 1, 1);

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.PASS);
  }

  @Test
  void twoSamplesAreTooFew() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    add(rule, 2, 1, 1);

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    assertThat(rule.verdict().reason()).contains("2 samples are too few", "use 195 or more");
  }

  @Test
  void noSamplesCannotBeJudged() {
    assertThat(new NonInferiorityRule(0.02).verdict())
        .isEqualTo(new Verdict(Verdict.Outcome.CANNOT_JUDGE, "there is no valid sample"));
  }

  @Test
  void emptyAnswersCannotBeJudged() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    for (int i = 0; i < 300; i++) {
      rule.add(i % 2 == 0 ? 0 : 1, i % 2 == 0 ? 0 : 1, i % 2 == 0);
    }

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    assertThat(rule.verdict().reason()).contains("150 of 300 answers of the baseline are empty");
  }

  @Test
  void lossNearTheMarginStaysUndecided() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);
    for (int i = 0; i < 400; i++) {
      rule.add(1, i % 50 == 25 ? 0 : 1, false);
    }

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.UNDECIDED);
    assertThat(rule.verdict().reason()).contains("400 samples show neither");
  }

  @Test
  void contradictingEvidenceIsUndecided() {
    NonInferiorityRule rule = new NonInferiorityRule(0.05);
    add(rule, 100, 1, 1);
    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.PASS);
    add(rule, 400, 1, 0);

    assertThat(rule.verdict().outcome()).isEqualTo(Verdict.Outcome.CANNOT_JUDGE);
    assertThat(rule.verdict().reason()).contains("contradict each other: pass after 77");
  }

  @Test
  void scoresOutOfRangeAreRefused() {
    NonInferiorityRule rule = new NonInferiorityRule(0.02);

    assertThatThrownBy(() -> rule.add(1.1, 0, false)).hasMessageContaining("baselineScore is 1.1");
    assertThatThrownBy(() -> rule.add(0, Double.NaN, false))
        .hasMessageContaining("armScore is NaN");
    assertThat(rule.loss().count()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void outcomesAreWrittenInLowerCase(Verdict.Outcome outcome) {
    assertThat(outcome.id()).matches("pass|fail|undecided|cannot_judge");
    assertThat(outcome.text()).matches("pass|fail|undecided|cannot judge");
  }

  @Test
  void verdictStatesItsReason() {
    assertThatThrownBy(() -> new Verdict(Verdict.Outcome.PASS, " ")).hasMessageContaining("reason");
  }

  private static void add(
      NonInferiorityRule rule, int count, double baselineScore, double armScore) {
    for (int i = 0; i < count; i++) {
      rule.add(baselineScore, armScore, false);
    }
  }
}
