package ai.cacheblend.orchestrator.dataset;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.MetricKind;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import com.google.common.io.Resources;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedDatasetsTest {
  @ParameterizedTest
  @ValueSource(strings = {"pocketwiki", "pocketchat", "pocketretrieval", "pocketretrieval-4k"})
  void promptsUseTheTrainedTemplate(String name) throws IOException {
    ByteSource resource =
        Resources.asByteSource(Resources.getResource("datasets/" + name + ".json"));
    JsonNode items = new JsonMapper().readTree(resource.read());
    PromptTemplate template = PromptTemplates.builtIn(name);

    QualityTask task = Datasets.load(name, DatasetOptions.samples(1000), Map.of());

    assertThat(task.samples()).hasSize(items.size()).hasSizeGreaterThanOrEqualTo(100);
    assertThat(task.sha256()).isEqualTo(resource.hash(Hashing.sha256()).toString());
    assertThat(task.source()).isEqualTo(name);
    assertThat(task.file()).isEqualTo(name + " (embedded)");
    assertThat(task.notes()).isEmpty();
    for (int i = 0; i < items.size(); i++) {
      QualitySample sample = task.samples().get(i);
      StringBuilder expected = new StringBuilder(template.prefix());
      for (JsonNode context : items.get(i).get("ctxs")) {
        expected.append(template.document().replace("{text}", context.get("text").textValue()));
      }
      expected.append(
          template.question().replace("{question}", items.get(i).get("question").textValue()));
      assertThat(String.join("", sample.parts().stream().map(PromptPart::text).toList()))
          .isEqualTo(expected.toString());
      assertThat(sample.parts()).hasSize(items.get(i).get("ctxs").size() + 2);
      assertThat(sample.references())
          .containsExactly(items.get(i).get("answers").get(0).textValue());
      assertThat(sample.type()).isEqualTo(items.get(i).get("type").textValue());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pocketretrieval", "pocketretrieval-4k"})
  void retrievalTextsEqualThoseOfTheTraining(String name) {
    PromptTemplate notes = PromptTemplates.builtIn(name);

    assertThat(notes.prefix())
        .isEqualTo(
            "Read the notes and answer the question that follows. Give the words only.\n\nNotes:\n\n");
    assertThat(notes.document()).isEqualTo("{text}");
    assertThat(notes.question()).isEqualTo("Question: {question}\nAnswer:");
    assertThat(notes.maxNewTokens()).isEqualTo(24);
    assertThat(notes.stopStrings()).containsExactly("</s>", "\n");
    assertThat(notes.metric()).isEqualTo(MetricKind.WORD_F1);
    assertThat(notes.firstLineOnly()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"pocketretrieval, 400", "pocketretrieval-4k, 120"})
  void retrievalHasEqualPartsOfFourKinds(String name, int count) {
    Map<String, Long> samples =
        Datasets.load(name, DatasetOptions.samples(1000), Map.of()).samples().stream()
            .collect(groupingBy(QualitySample::type, counting()));

    assertThat(samples)
        .containsOnlyKeys("multi-key", "multi-value", "multi-query", "variable-tracking");
    assertThat(samples.values()).containsOnly(count / 4L);
  }

  @Test
  void templateTextsEqualThoseOfTheTraining() {
    PromptTemplate wiki = PromptTemplates.builtIn("pocketwiki");

    assertThat(wiki.prefix())
        .isEqualTo(
            "Read the passages and answer the question that follows. Give the answer only, in at most five words.\n\nPassages:\n\n");
    assertThat(wiki.document()).isEqualTo("{text}");
    assertThat(wiki.question()).isEqualTo("Question: {question}\nAnswer:");
    assertThat(wiki.maxNewTokens()).isEqualTo(24);
    assertThat(wiki.metric()).isEqualTo(MetricKind.WORD_F1);
  }

  @Test
  void limitSelectsTheFirstSamples() {
    QualityTask all = Datasets.load("pocketwiki", DatasetOptions.samples(1000), Map.of());
    QualityTask some = Datasets.load("pocketwiki", DatasetOptions.samples(7), Map.of());

    assertThat(some.samples()).isEqualTo(all.samples().subList(0, 7));
    assertThat(some.sha256()).isEqualTo(all.sha256());
  }
}
