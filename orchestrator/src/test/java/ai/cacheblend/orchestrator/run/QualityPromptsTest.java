package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Retrieval;
import ai.cacheblend.orchestrator.records.Retrieved;
import ai.cacheblend.orchestrator.testing.ManualClock;
import ai.cacheblend.orchestrator.testing.QualityPlanEditor;
import ai.cacheblend.orchestrator.testing.Samples;
import ai.cacheblend.orchestrator.testing.ScriptedWorkerClient;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
          Set.of(2),
          List.of("because"),
          "",
          2);

  @Test
  void documentIsOneChunkWithoutAChunkLimit() {
    assertThat(lengths(prompts(1000, PLAN))).containsExactly(1, 6, 10, 25, 10, 6);
  }

  @Test
  void longDocumentsAreSplitButNotTheQuestion() {
    QualityPrompts prompts = prompts(1000, PLAN.withChunkTokens(10));

    assertThat(lengths(prompts)).containsExactly(1, 6, 10, 10, 10, 5, 10, 6);
    assertThat(prompts.prepare(SAMPLE).segments())
        .extracting(PromptSegment::cached)
        .containsExactly(false, true, true, true, true, true, true, false);
    assertThat(lengths(prompts(1000, PLAN.withChunkTokens(5))))
        .containsExactly(1, 5, 1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6);
  }

  @Test
  void documentsAreOmittedFromTheMiddleAndCounted() {
    // 1 + 6 + 10 + 10 + 6 tokens and the new ones.
    QualityPrompts prompts = prompts(33 + PLAN.maxNewTokens(), PLAN);

    assertThat(lengths(prompts)).containsExactly(1, 6, 10, 10, 6);
    // Two that the item lacked already, and one more.
    assertThat(prompts.prepare(SAMPLE).documentsLeftOut()).isEqualTo(3);
    assertThat(prompts(1000, PLAN).prepare(SAMPLE).documentsLeftOut()).isEqualTo(2);
  }

  @Test
  void prefixAndQuestionAreNeverOmitted() {
    assertThat(lengths(prompts(2, PLAN))).containsExactly(1, 6, 6);
  }

  @Test
  void chunksNearestToTheQuestionAreRetrieved() {
    // The question is "why": the distance grows with the number of other letters.
    PreparedSample prepared = prompts(1000, retrieving(2, 0)).prepare(SAMPLE);

    assertThat(texts(prepared)).startsWith("Read.\n").endsWith("Q: why").hasSize(4);
    assertThat(texts(prepared).subList(1, 3)).containsExactlyInAnyOrder("bbbbb", "aaaaaaaaaa");
    // 10 a, 10 b, 10 b, 5 b, 10 c; document b is needed.
    assertThat(prepared.retrieved()).contains(new Retrieved(5, 1, 1));
  }

  @Test
  void equallyNearChunksAreTakenInDocumentOrder() {
    assertThat(texts(prompts(1000, retrieving(3, 0)).prepare(SAMPLE)))
        .contains("bbbbb", "aaaaaaaaaa", "bbbbbbbbbb")
        .doesNotContain("cccccccccc");
  }

  @Test
  void orderOfRetrievedChunksDependsOnSeedAndSample() {
    Set<List<String>> orders = new HashSet<>();
    for (long seed = 0; seed < 40; seed++) {
      List<String> texts = texts(prompts(1000, retrieving(3, seed)).prepare(SAMPLE));
      assertThat(texts(prompts(1000, retrieving(3, seed)).prepare(SAMPLE))).isEqualTo(texts);
      orders.add(texts);
    }
    assertThat(orders).hasSize(6);

    Set<List<String>> ordersOfSamples = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      QualitySample other =
          new QualitySample(
              "id" + i,
              SAMPLE.question(),
              SAMPLE.parts(),
              Set.of(),
              SAMPLE.references(),
              SAMPLE.type(),
              0);
      ordersOfSamples.add(texts(prompts(1000, retrieving(3, 0)).prepare(other)));
    }
    assertThat(ordersOfSamples).isEqualTo(orders);
  }

  @Test
  void allChunksAreTakenIfThereAreFewerThanAskedFor() {
    PreparedSample prepared = prompts(1000, retrieving(9, 0)).prepare(SAMPLE);

    assertThat(prepared.segments()).hasSize(1 + 1 + 5 + 1);
    assertThat(prepared.retrieved()).contains(new Retrieved(5, 1, 1));
  }

  @Test
  void retrievedChunksAreOmittedFromTheMiddleIfTheyDoNotFit() {
    QualityPlan plan = retrieving(3, 0);
    PreparedSample prepared = prompts(23 + plan.maxNewTokens(), plan).prepare(SAMPLE);

    // 1 + 6 + 6 tokens, and one chunk of 5 or 10.
    assertThat(prepared.segments()).hasSize(4);
    assertThat(prepared.documentsLeftOut()).isEqualTo(2 + 2);
  }

  @Test
  void retrievalWithoutAQuestionIsRejected() {
    QualitySample silent =
        new QualitySample(
            "id", " ", SAMPLE.parts(), Set.of(), SAMPLE.references(), SAMPLE.type(), 0);
    assertThatThrownBy(() -> prompts(1000, retrieving(2, 0)).prepare(silent))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("sample id has none; leave --retrieve out");
  }

  private static QualityPlan retrieving(int count, long seed) {
    return QualityPlanEditor.of(PLAN).retrieval(Retrieval.of(count), 10).seed(seed).plan();
  }

  /** Without the BOS token. */
  private static List<String> texts(PreparedSample prepared) {
    return new ScriptedWorkerClient("host:1", new ManualClock())
        .detokenize(prepared.segments().stream().skip(1).map(PromptSegment::tokenIds).toList());
  }

  private static List<Integer> lengths(QualityPrompts prompts) {
    return prompts.prepare(SAMPLE).segments().stream()
        .map(segment -> segment.tokenIds().length())
        .toList();
  }

  private static QualityPrompts prompts(int maxSequenceTokens, QualityPlan plan) {
    return new QualityPrompts(fleet(maxSequenceTokens), plan, LetterEncoder::new);
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
                    description.steps(),
                    description.host(),
                    description.instanceId()))));
  }
}
