package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.orchestrator.plan.MetricKind;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.PromptTemplateJson;
import ai.cacheblend.orchestrator.plan.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PromptTemplatesTest {
  private static final String MINIMAL =
      """
      {
        "document": "{text}",
        "question": "Q {question}",
        "max_new_tokens": 5,
        "stop": [],
        "metric": "word_f1",
        "first_line_only": false
      }
      """;

  @TempDir Path folder;

  static List<String> names() {
    return Datasets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void jsonFormRoundTrips(String name) throws IOException {
    PromptTemplate template = PromptTemplates.builtIn(name);
    Path file = write(PromptTemplateJson.write(template).toPrettyString());

    assertThat(PromptTemplates.file(file)).isEqualTo(template);
  }

  @ParameterizedTest
  @CsvSource({
    "2wikimqa, 32, WORD_F1, false",
    "musique, 32, WORD_F1, false",
    "samsum, 128, ROUGE_L, true"
  })
  void settingsOfThePublishedBenchmarks(
      String name, int maxNewTokens, MetricKind metric, boolean firstLineOnly) {
    PromptTemplate template = PromptTemplates.builtIn(name);

    assertThat(template.maxNewTokens()).isEqualTo(maxNewTokens);
    assertThat(template.metric()).isEqualTo(metric);
    assertThat(template.firstLineOnly()).isEqualTo(firstLineOnly);
  }

  /** The original joins the title, which may be empty, and the text by a blank line. */
  @ParameterizedTest
  @CsvSource({
    "'{\"title\": \"T\", \"text\": \"t\"}', 'T\n\nt\n\n'",
    "'{\"title\": \"\", \"text\": \"t\"}', '\n\nt\n\n'",
    "'{\"text\": \"t\"}', 't\n\n'"
  })
  void titlesOfTheStyleCacheblend(String context, String document, @TempDir Path home)
      throws IOException {
    Path file =
        Files.writeString(
            home.resolve("2wikimqa.json"),
            "[{\"ctxs\": [" + context + "], \"question\": \"q\", \"answers\": [\"a\"]}]");
    DatasetOptions options =
        new DatasetOptions(
            1,
            Sampling.FIRST,
            Optional.of(Datasets.prompt("cacheblend", "2wikimqa")),
            OptionalInt.empty(),
            0);

    assertThat(Datasets.load(file.toString(), options, Map.of()).samples().get(0).parts())
        .extracting(PromptPart::text)
        .contains(document.replace("\\n", "\n"));
  }

  @Test
  void userFileReplacesTheBuiltInTemplate() throws IOException {
    Path file =
        write(
            MINIMAL.replace(
                "{\n  \"document\"",
                "{ \"start\": \"[INST] \", \"prefix\": \"P \", \"end\": \" [/INST]\","
                    + " \"document\""));
    DatasetOptions options =
        new DatasetOptions(
            1, Sampling.FIRST, Optional.of(PromptTemplates.file(file)), OptionalInt.empty(), 0);

    QualityTask task = Datasets.load(Fixtures.path("wikimqa_s.json").toString(), options, Map.of());

    assertThat(task.samples().get(0).parts())
        .containsExactly(
            new PromptPart("[INST] P ", true),
            new PromptPart("first text ", true),
            new PromptPart("second text", true),
            new PromptPart("Q who? [/INST]", false));
    assertThat(task.template().maxNewTokens()).isEqualTo(5);
  }

  @Test
  void emptyPrefixHasNoPart() throws IOException {
    DatasetOptions options =
        new DatasetOptions(
            1,
            Sampling.FIRST,
            Optional.of(PromptTemplates.file(write(MINIMAL))),
            OptionalInt.empty(),
            0);

    QualityTask task = Datasets.load(Fixtures.path("wikimqa_s.json").toString(), options, Map.of());

    assertThat(task.samples().get(0).parts()).hasSize(3);
  }

  @Test
  void dialoguesRequireFewShot() throws IOException {
    DatasetOptions options =
        new DatasetOptions(
            1,
            Sampling.FIRST,
            Optional.of(PromptTemplates.file(write(MINIMAL))),
            OptionalInt.empty(),
            0);

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> Datasets.load(Fixtures.path("samsum.csv").toString(), options, Map.of()))
        .withMessageContaining("needs the field few_shot");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"stop\"               | \"stops\"             | template has unknown field 'stops'",
        "  \"stop\": [],         | ''                    | template has no field 'stop'; add it",
        "\"stop\": []           | \"stop\": [], \"temperature\": 0 | unknown field 'temperature';"
            + " known are chat_template, document, end,",
        "\"stop\": []           | \"stop\": 3           | field stop is 3; use a list",
        "\"stop\": []           | \"stop\": [\"\"]      | field stop is [\"\"]; use a list of"
            + " strings",
        "\"max_new_tokens\": 5  | \"max_new_tokens\": 0 | max_new_tokens is 0; use 1 or more",
        "\"max_new_tokens\": 5  | \"max_new_tokens\": 5.5 | max_new_tokens is 5.5; use a whole"
            + " number",
        "\"word_f1\"            | \"bleu\"              | metric is 'bleu'; use word_f1, rouge_l",
        "false                  | \"no\"                | first_line_only is \"no\"; use true or"
            + " false",
        "{text}                 | text                  | document lacks {text}",
        "{text}                 | {text}{source}        | document contains {source}, which is"
            + " unknown; use one of {number}, {text}, {title}",
        "Q {question}           | Q                     | question lacks {question}",
        "\"stop\": []           | \"stop\": [], \"stop\": [] | Duplicate field 'stop'",
        "\"stop\": []           | \"stop\": [], \"few_shot\": {\"example\": \"{dialogue}\","
            + " \"query\": \"{dialogue}\", \"count\": 1} | few_shot.example lacks {summary}",
        "\"stop\": []           | \"stop\": [], \"few_shot\": 3 | field few_shot is 3; use an"
            + " object",
        "\"stop\": []           | \"stop\" [            | line 5: not JSON",
      })
  void mistakesAreNamed(String from, String to, String expected) throws IOException {
    assertThat(MINIMAL).contains(from);
    Path file = write(MINIMAL.replace(from, to));

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> PromptTemplates.file(file))
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .startsWith("prompt template " + file + ": ")
                    .contains(expected)
                    .doesNotContain("\n"));
  }

  @Test
  void cacheblendStyleHasItsTokensDocumentsAndQuestions() {
    List<PromptPart> parts = first("cacheblend").parts();

    assertThat(parts.get(0).text()).startsWith("[INST] ").endsWith("\n");
    assertThat(parts.get(1).text()).matches("(?s)[^\n]+\n\n.+\n\n");
    assertThat(parts.get(parts.size() - 1).text())
        .startsWith("\n\n")
        .containsPattern("Question: [a-z].*\\?\nAnswer: \\[/INST]$");
  }

  @Test
  void longbenchStyleNumbersPassages() {
    List<PromptPart> parts = first("longbench").parts();

    assertThat(parts.get(0).text()).startsWith("[INST]");
    assertThat(parts.get(1).text()).startsWith("Passage 1:\n");
    assertThat(parts.get(2).text()).startsWith("Passage 2:\n");
    assertThat(parts.get(parts.size() - 1).text())
        .containsPattern("\n\nQuestion: [A-Z].*\nAnswer:\\[/INST]$");
  }

  @Test
  void eachStyleSupportsExactlyThePublishedDataSets() {
    for (String style : Datasets.PROMPT_STYLES) {
      assertThat(Datasets.prompt(style, "musique").metric()).isEqualTo(MetricKind.WORD_F1);
      assertThat(Datasets.prompt(style, "samsum").metric()).isEqualTo(MetricKind.ROUGE_L);
      assertThat(Datasets.prompt(style, "samsum").start()).isEmpty();
      assertThatExceptionOfType(DatasetException.class)
          .isThrownBy(() -> Datasets.prompt(style, "pocketwiki"))
          .withMessageContaining("prompt is " + style);
    }
  }

  private static QualitySample first(String style) {
    String file = Fixtures.path("2wiki-dev.json").toString();
    DatasetOptions options =
        new DatasetOptions(
            1,
            Sampling.FIRST,
            Optional.of(Datasets.prompt(style, "2wikimqa")),
            OptionalInt.empty(),
            0);
    return Datasets.load(file, options, Map.of()).samples().get(0);
  }

  @Test
  void missingFileIsReported() {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> PromptTemplates.file(folder.resolve("none.json")))
        .withMessageEndingWith("none.json cannot be read: no such file");
  }

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("prompt.json"), json);
  }
}
