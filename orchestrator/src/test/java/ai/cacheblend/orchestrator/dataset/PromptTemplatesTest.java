package ai.cacheblend.orchestrator.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        "maxNewTokens": 5,
        "stop": [],
        "metric": "word_f1",
        "firstLineOnly": false
      }
      """;

  @TempDir Path folder;

  static List<String> names() {
    return Datasets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatIsPrintedReadsBackEqual(String name) throws IOException {
    PromptTemplate template = Datasets.template(name, DatasetOptions.samples(1));

    assertThat(PromptTemplates.file(write(template.toJson()))).isEqualTo(template);
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

  @Test
  void aFileOfTheUserTakesThePlaceOfTheBuiltIn() throws IOException {
    Path file =
        write(
            MINIMAL.replace(
                "{\n  \"document\"",
                "{ \"start\": \"[INST] \", \"prefix\": \"P \", \"end\": \" [/INST]\", \"document\""));
    DatasetOptions options = new DatasetOptions(1, Optional.of(file), OptionalInt.empty(), 0);

    QualityTask task = Datasets.load(Fixtures.path("wikimqa_s.json").toString(), options);

    assertThat(task.samples().get(0).parts())
        .containsExactly(
            new PromptPart("[INST] P ", true),
            new PromptPart("first text ", true),
            new PromptPart("second text", true),
            new PromptPart("Q who? [/INST]", false));
    assertThat(task.maxNewTokens()).isEqualTo(5);
  }

  @Test
  void withoutPrefixThereIsNoPartForIt() throws IOException {
    DatasetOptions options =
        new DatasetOptions(1, Optional.of(write(MINIMAL)), OptionalInt.empty(), 0);

    QualityTask task = Datasets.load(Fixtures.path("wikimqa_s.json").toString(), options);

    assertThat(task.samples().get(0).parts()).hasSize(3);
  }

  @Test
  void dialoguesNeedFewShot() throws IOException {
    DatasetOptions options =
        new DatasetOptions(1, Optional.of(write(MINIMAL)), OptionalInt.empty(), 0);

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> Datasets.load(Fixtures.path("samsum.csv").toString(), options))
        .withMessageContaining("needs the field fewShot");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"stop\"                | \"stops\"             | stop is missing",
        "\"stop\": []            | \"stop\": [], \"temperature\": 0 | temperature is unknown; known are start, prefix,",
        "\"stop\": []            | \"stop\": \"x\"       | stop is \"x\"; use a list of strings",
        "\"stop\": []            | \"stop\": [\"\"]      | stop holds an empty string",
        "\"maxNewTokens\": 5     | \"maxNewTokens\": 0   | maxNewTokens is 0; use 1 or more",
        "\"maxNewTokens\": 5     | \"maxNewTokens\": 5.5 | maxNewTokens is 5.5; use a whole number",
        "\"word_f1\"             | \"bleu\"              | metric is \"bleu\"; use \"word_f1\" or \"rouge_l\"",
        "false                   | \"no\"                | firstLineOnly is \"no\"; use true or false",
        "{text}                  | text                  | document lacks {text}",
        "{text}                  | {text}{source}        | document holds {source}, which is unknown; known are {text}, {title}",
        "Q {question}            | Q                     | question lacks {question}",
        "\"stop\": []            | \"stop\": [], \"stop\": [] | Duplicate field 'stop'",
        "\"stop\": []            | \"stop\": [], \"fewShot\": {\"example\": \"{dialogue}\", \"query\": \"{dialogue}\", \"count\": 1} | fewShot.example lacks {summary}",
        "\"stop\": []            | \"stop\": [], \"fewShot\": 3 | expected a JSON object in fewShot",
        "\"stop\": []            | \"stop\" [            | line 5: not JSON",
      })
  void mistakesAreNamed(String from, String to, String expected) throws IOException {
    assertThat(MINIMAL).contains(from);
    Path file = write(MINIMAL.replace(from, to));

    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> PromptTemplates.file(file))
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .startsWith("Prompt template " + file + ": ")
                    .contains(expected)
                    .doesNotContain("\n"));
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatExceptionOfType(DatasetException.class)
        .isThrownBy(() -> PromptTemplates.file(folder.resolve("none.json")))
        .withMessageEndingWith("none.json cannot be read: no such file");
  }

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("prompt.json"), json);
  }
}
