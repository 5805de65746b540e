package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.orchestrator.plan.MetricKind;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.Sampling;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptBuilderTest {
  private static final PromptTemplate.FewShot FEW_SHOT =
      new PromptTemplate.FewShot("{dialogue}>{summary}", "{dialogue}>", 3);

  // Prefix "p: " and question "q" are 4 characters; documents A to E are 10 each.
  private static final PromptTemplate TEMPLATE =
      new PromptTemplate(
          "",
          "p: ",
          "{text}",
          "{question}",
          "",
          Optional.empty(),
          1,
          List.of(),
          MetricKind.WORD_F1,
          false,
          Optional.empty());
  private static final Item.Question ITEM =
      new Item.Question("id", documents("A", "B", "C", "D", "E"), "q", List.of("r"), "");

  @ParameterizedTest
  @CsvSource({"54, ABCDE", "53, ABDE", "44, ABDE", "43, ABE", "33, AE", "23, A", "14, A"})
  void documentsAreOmittedFromTheMiddle(int maxCharacters, String expected) {
    PromptBuilder builder = new PromptBuilder(TEMPLATE, OptionalInt.of(maxCharacters));

    QualitySample sample = builder.build(ITEM).orElseThrow();

    List<PromptPart> parts = sample.parts();
    assertThat(parts.subList(1, parts.size() - 1))
        .extracting(part -> part.text().substring(0, 1))
        .containsExactly(expected.split(""));
    assertThat(sample.documentsLeftOut()).isEqualTo(5 - expected.length());
    assertThat(builder.tooLongCount()).isZero();
  }

  @Test
  void itemWithoutAFittingDocumentIsSkipped() {
    PromptBuilder builder = new PromptBuilder(TEMPLATE, OptionalInt.of(13));

    assertThat(builder.build(ITEM)).isEmpty();
    assertThat(builder.tooLongCount()).isEqualTo(1);
  }

  @Test
  void taskWithoutAFittingPromptIsRejected() {
    DatasetOptions options =
        new DatasetOptions(5, Sampling.FIRST, Optional.empty(), OptionalInt.of(50), 0);

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> Datasets.load("pocketwiki", options, Map.of()))
        .withMessageContaining(
            "no usable items (200 items left out: too long even with one document)");
  }

  @Test
  void examplesAreDistinctAndFromThePool() {
    List<Item.Dialogue> pool = dialogues(10);
    List<Item.Question> questions = PromptBuilder.fewShot(dialogues(40), pool, FEW_SHOT, 1);

    HashSet<Item.Document> drawn = new HashSet<>();
    for (Item.Question question : questions) {
      assertThat(question.documents()).hasSize(3).doesNotHaveDuplicates();
      drawn.addAll(question.documents());
    }
    assertThat(drawn)
        .extracting(Item.Document::text)
        .hasSize(10)
        .allMatch(text -> text.matches("d[0-9]>s[0-9]"));
  }

  @Test
  void examplesDependOnTheSeed() {
    assertThat(PromptBuilder.fewShot(dialogues(10), dialogues(10), FEW_SHOT, 1))
        .isEqualTo(PromptBuilder.fewShot(dialogues(10), dialogues(10), FEW_SHOT, 1))
        .isNotEqualTo(PromptBuilder.fewShot(dialogues(10), dialogues(10), FEW_SHOT, 2));
  }

  @Test
  void examplesAreLimitedByThePool() {
    assertThat(PromptBuilder.fewShot(dialogues(5), dialogues(1), FEW_SHOT, 1).get(0).documents())
        .containsExactly(new Item.Document(Optional.empty(), "d0>s0"));
  }

  @Test
  void sampleLimitDoesNotChangeTheExamples() {
    String path = Fixtures.path("samsum.csv").toString();

    assertThat(Datasets.load(path, DatasetOptions.samples(1), Map.of()).samples())
        .isEqualTo(
            Datasets.load(path, DatasetOptions.samples(2), Map.of()).samples().subList(0, 1));
  }

  private static List<Item.Document> documents(String... names) {
    List<Item.Document> documents = new ArrayList<>();
    for (String name : names) {
      documents.add(new Item.Document(Optional.empty(), name.repeat(10)));
    }
    return documents;
  }

  private static List<Item.Dialogue> dialogues(int count) {
    List<Item.Dialogue> dialogues = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      dialogues.add(new Item.Dialogue("id" + i, "d" + i, "s" + i));
    }
    return dialogues;
  }
}
