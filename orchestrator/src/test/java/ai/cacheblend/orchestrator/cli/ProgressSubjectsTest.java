package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.console.ProgressStep;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.records.Trial;
import ai.cacheblend.orchestrator.testing.Samples;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

final class ProgressSubjectsTest {

  /** A score in the label would have no name. */
  @Test
  void sampleIsNamedAndItsScoresBelongToArms() {
    Sample sample = Samples.samples().get(0);

    ProgressStep step =
        ProgressSubjects.quality("pocketwiki", List.of("worker")).step().apply(sample);

    assertThat(step.label()).isEqualTo("sample " + sample.id());
    assertThat(step.readings())
        .extracting(ProgressStep.Reading::arm)
        .containsExactlyElementsOf(sample.armRuns().stream().map(run -> run.arm()).toList());
  }

  /** Beside address, bar and share, a line of 80 characters has room for 22. */
  @Test
  void trialOfATierIsNamedByItAndHasNoReadings() {
    Function<PlacedTrial, ProgressStep> steps =
        ProgressSubjects.ttft("chunks-512", List.of("worker")).step();
    Trial warmUp = Samples.trials().get(0);
    Trial trial = Samples.trials().get(1);

    assertThat(steps.apply(new PlacedTrial(Optional.empty(), trial)).label())
        .isEqualTo("trial of 64 tokens");
    assertThat(steps.apply(new PlacedTrial(Optional.of("host@80MB/s"), warmUp)).label())
        .isEqualTo("warm-up, host@80MB/s");
    ProgressStep host = steps.apply(new PlacedTrial(Optional.of("host@80MB/s"), trial));
    assertThat(host.label()).isEqualTo("host@80MB/s at 64");
    assertThat(host.readings()).isEmpty();
    assertThat(steps.apply(new PlacedTrial(Optional.of("device"), trial)).readings()).hasSize(4);
  }
}
