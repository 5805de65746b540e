package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.Samples;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One token per character, and a BOS token. */
final class QualityPromptsTest {
  private static final QualityPlan PLAN = Samples.qualityPlan();

  private static final QualitySample SAMPLE =
      new QualitySample(
          "id",
          "why",
          List.of(
              new PromptPart("Read.\n", true),
              new PromptPart("a".repeat(10), true),
              new PromptPart("b".repeat(25), true),
              new PromptPart("c".repeat(10), true),
              new PromptPart("Q: why", false)),
          List.of("because"),
          "",
          2);

  @Test
  void documentIsOneChunkWithoutAChunkLimit() {
    assertThat(lengths(new QualityPrompts(fleet(1000), PLAN))).containsExactly(1, 6, 10, 25, 10, 6);
  }

  @Test
  void longDocumentsAreSplitButNotTheQuestion() {
    QualityPrompts prompts = new QualityPrompts(fleet(1000), PLAN.withChunkTokens(10));

    assertThat(lengths(prompts)).containsExactly(1, 6, 10, 10, 10, 5, 10, 6);
    assertThat(prompts.prepare(SAMPLE).segments())
        .extracting(PromptSegment::cached)
        .containsExactly(false, true, true, true, true, true, true, false);
    assertThat(lengths(new QualityPrompts(fleet(1000), PLAN.withChunkTokens(5))))
        .containsExactly(1, 5, 1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6);
  }

  @Test
  void documentsAreOmittedFromTheMiddleAndCounted() {
    // 1 + 6 + 10 + 10 + 6 tokens and the new ones.
    QualityPrompts prompts = new QualityPrompts(fleet(33 + PLAN.maxNewTokens()), PLAN);

    assertThat(lengths(prompts)).containsExactly(1, 6, 10, 10, 6);
    // Two that the item lacked already, and one more.
    assertThat(prompts.prepare(SAMPLE).documentsLeftOut()).isEqualTo(3);
    assertThat(new QualityPrompts(fleet(1000), PLAN).prepare(SAMPLE).documentsLeftOut())
        .isEqualTo(2);
  }

  @Test
  void prefixAndQuestionAreNeverOmitted() {
    assertThat(lengths(new QualityPrompts(fleet(2), PLAN))).containsExactly(1, 6, 6);
  }

  private static List<Integer> lengths(QualityPrompts prompts) {
    return prompts.prepare(SAMPLE).segments().stream()
        .map(segment -> segment.tokenIds().length())
        .toList();
  }

  private static Fleet fleet(int maxSequenceTokens) {
    ScriptedWorkerClient client = new ScriptedWorkerClient("host:1", new ManualClock());
    WorkerDescription description = client.describe();
    return new Fleet(
        List.of(
            new Worker(
                client,
                new WorkerDescription(
                    description.model(),
                    description.device(),
                    new WorkerDescription.Limits(maxSequenceTokens, 1),
                    description.memory(),
                    description.versions(),
                    description.launch(),
                    description.host(),
                    description.instanceId()))));
  }
}
