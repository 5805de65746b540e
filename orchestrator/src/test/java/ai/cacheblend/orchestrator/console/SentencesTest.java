package ai.cacheblend.orchestrator.console;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.records.Retention;
import ai.cacheblend.orchestrator.records.ScoreDifference;
import ai.cacheblend.orchestrator.records.SpeedUpStatistics;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SentencesTest {
  @Test
  void fasterArm() {
    assertThat(Sentences.speed(new SpeedUpStatistics(20, 3.1, 3.1, 2.9, 3.3, true)))
        .isEqualTo("first token 3.10x sooner (2.90 to 3.30)");
  }

  @Test
  void slowerArmHasTheIntervalInTheSameDirection() {
    assertThat(Sentences.speed(new SpeedUpStatistics(20, 0.5, 0.5, 0.4, 0.8, true)))
        .isEqualTo("first token 2.00x later (1.25 to 2.50)");
  }

  @Test
  void intervalAroundOneIsNotResolved() {
    assertThat(Sentences.speed(new SpeedUpStatistics(20, 3.1, 3.1, 0.56, 197, false)))
        .isEqualTo("first token: no difference resolved (speed-up 0.560 to 197)");
  }

  @Test
  void oneTrialHasNoInterval() {
    assertThat(Sentences.speed(new SpeedUpStatistics(1, 3.1, 3.1, Double.NaN, Double.NaN, false)))
        .contains("one trial");
  }

  @Test
  void lossGreaterThanTheMargin() {
    assertThat(
            Sentences.quality(
                "word_f1_longbench",
                difference("fail", -0.08, -0.145, -0.03),
                Optional.of(new Retention(0.9, 0.83, 0.96, Optional.empty()))))
        .isEqualTo(
            "word F1 -0.080 (-0.145 to -0.030), retention 0.900 (0.830 to 0.960): worse than the margin of 0.02");
  }

  @Test
  void impossibleVerdictHasAReason() {
    assertThat(
            Sentences.quality(
                "rouge_l",
                difference("cannot_judge", 0, -0.3, 0.3),
                Optional.of(Retention.undefined("full_prefill scores 0"))))
        .isEqualTo(
            "ROUGE-L +0.000 (-0.300 to +0.300), retention not defined (full_prefill scores 0): cannot judge: the reason");
  }

  private static ScoreDifference difference(String verdict, double mean, double low, double high) {
    return new ScoreDifference(50, mean, 0.1, low, high, 0.01, 0.02, verdict, "the reason", 0.5);
  }
}
