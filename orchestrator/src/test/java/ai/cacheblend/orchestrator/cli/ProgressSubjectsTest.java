package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.console.ProgressStep;
import ai.cacheblend.orchestrator.records.Sample;
import ai.cacheblend.orchestrator.testing.Samples;
import java.util.List;
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
}
