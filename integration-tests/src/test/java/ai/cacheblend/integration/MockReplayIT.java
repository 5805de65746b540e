package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.AnswerTokens;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --plan} repeats a run exactly, for all options that describe the run. */
final class MockReplayIT {
  /** Sources of data. */
  enum Source {
    EMBEDDED,
    FILE,
    /** A file whose records name a data set that is not in the cache. */
    FILE_OF_KNOWN_SET,
    CACHE
  }

  private static final String TEMPLATE =
      """
      {"start": "[INST] ", "prefix": "Read.\\n", "document": "{title}: {text}\\n",
       "question": "{question}?", "end": " [/INST]", "max_new_tokens": 6, "stop": ["red"],
       "metric": "word_f1", "first_line_only": true}
      """;

  @TempDir Path folder;

  private MockWorker worker;

  @BeforeEach
  void start() throws IOException {
    worker = MockWorker.start(MockScript.sound().withAnswers(AnswerTokens.text("a red house")));
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  @Test
  void ttft() throws IOException {
    assertReplayed(
        "trials.jsonl",
        row -> row.get("phase").textValue().equals("measured"),
        "ttft",
        "--lengths",
        "100,64",
        "--trials",
        "2",
        "--warmup",
        "1",
        "--chunk-tokens",
        "20",
        "--suffix-fraction",
        "0.3",
        "--arms",
        "full_prefill,cacheblend,random@0.3,chunk-head:k=2",
        "--ratio",
        "0.4",
        "--selector",
        "key",
        "--max-new-tokens",
        "3",
        "--seed",
        "11");
  }

  @ParameterizedTest
  @EnumSource(Source.class)
  void quality(Source source) throws IOException {
    assertReplayed(
        "samples.jsonl",
        row -> true,
        "quality",
        "--dataset",
        dataset(source),
        "--samples",
        "5",
        "--prompt",
        template(),
        "--max-prompt-characters",
        source == Source.EMBEDDED ? "3000" : "110",
        "--max-new-tokens",
        "4",
        "--margin",
        "0.3",
        "--seed",
        "5",
        "--arms",
        "full_prefill,random@0.3");
  }

  @ParameterizedTest
  @EnumSource(Source.class)
  void qualityWithTheTemplateOfTheDataSet(Source source) throws IOException {
    assertReplayed(
        "samples.jsonl", row -> true, "quality", "--dataset", dataset(source), "--samples", "3");
  }

  /** A plan has the rendered text, so that neither the checkpoint nor the date matters. */
  @Test
  void theChatTemplateOfTheCheckpointIsPartOfThePlan() throws IOException {
    worker.close();
    worker =
        MockWorker.start(
            MockScript.sound()
                .withAnswers(AnswerTokens.text("a red house"))
                .withChatTemplate("<u>{{ messages[0].content | trim }}</u>"));
    Path first = folder.resolve("first");
    run(first, List.of("quality", "--dataset", dataset(Source.FILE), "--samples", "2"));
    stop();
    start();
    Path again = folder.resolve("again");
    run(again, List.of("quality", "--plan", first.resolve("result.json").toString()));
    Path without = folder.resolve("without");
    run(without, List.of("quality", "--dataset", dataset(Source.FILE), "--samples", "2"));

    JsonNode plan = JsonFiles.read(first.resolve("plan.json")).get("plan");
    assertThat(plan.at("/prompt/start").textValue()).isEqualTo("<u>");
    assertThat(plan.at("/prompt/end").textValue()).isEqualTo("</u>");
    assertThat(plan.at("/prompt/chat_template").textValue()).startsWith("checkpoint, sha256 ");
    // The id does not depend on the address of the worker.
    assertThat(JsonFiles.read(again.resolve("plan.json")).get("plan_id"))
        .isEqualTo(JsonFiles.read(first.resolve("plan.json")).get("plan_id"));
    assertThat(JsonFiles.read(without.resolve("plan.json")).at("/plan/prompts_sha256"))
        .isNotEqualTo(plan.get("prompts_sha256"));
  }

  @ParameterizedTest
  @EnumSource(Source.class)
  void gate(Source source) throws IOException {
    assertReplayed(
        "samples.jsonl",
        row -> true,
        "gate",
        "--dataset",
        dataset(source),
        "--max-samples",
        "6",
        "--arm",
        "random@0.2",
        "--prompt",
        template(),
        "--seed",
        "3",
        "--margin",
        "0.2");
  }

  @ParameterizedTest
  @EnumSource(Source.class)
  void sweep(Source source) throws IOException {
    List<String> options =
        List.of(
            "sweep",
            "--ratios",
            "0.2,0.5",
            "--selectors",
            "key,random",
            "--chunk-tokens",
            "20",
            "--chunk-counts",
            "2",
            "--suffix-tokens",
            "5",
            "--trials",
            "2",
            "--warmup",
            "1",
            "--dataset",
            dataset(source),
            "--samples",
            "3",
            "--prompt",
            template(),
            "--max-prompt-characters",
            source == Source.EMBEDDED ? "3000" : "110",
            "--seed",
            "9");
    Path first = folder.resolve("first");
    Path again = folder.resolve("again");
    run(first, options);
    run(again, List.of("sweep", "--plan", first.resolve("result.json").toString()));

    assertSamePlan(first, again);
    for (JsonNode part : JsonFiles.read(first.resolve("result.json")).get("parts")) {
      String name = part.isTextual() ? part.textValue() : part.get("folder").textValue();
      assertSamePlan(first.resolve(name), again.resolve(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plan.json", "result.json"})
  void everyFileWithAPlanIsAccepted(String file) throws IOException {
    Path first = folder.resolve("first");
    run(first, List.of("quality", "--dataset", dataset(Source.FILE), "--samples", "2"));
    Path again = folder.resolve("again");
    run(again, List.of("quality", "--plan", first.resolve(file).toString()));

    assertSamePlan(first, again);
  }

  @Test
  void interruptedRunOnAFileIsResumedByItsPlan() throws IOException {
    Path out = folder.resolve("first");
    run(out, List.of("quality", "--dataset", dataset(Source.FILE), "--samples", "4"));
    List<String> rows = Files.readAllLines(out.resolve("samples.jsonl"));
    Files.write(out.resolve("samples.jsonl"), rows.subList(0, 2));
    Files.delete(out.resolve("result.json"));

    run(out, List.of("quality", "--resume", "--plan", out.resolve("plan.json").toString()));

    assertThat(JsonFiles.lines(out.resolve("samples.jsonl")))
        .extracting(row -> row.get("session").intValue())
        .containsExactlyInAnyOrder(0, 0, 1, 1);
  }

  @Test
  void planForOtherPromptsIsRejected() throws IOException {
    Path first = folder.resolve("first");
    run(first, List.of("quality", "--dataset", dataset(Source.FILE), "--samples", "2"));
    ObjectNode plan = (ObjectNode) JsonFiles.read(first.resolve("plan.json")).get("plan");
    ((ObjectNode) plan.get("prompt")).put("prefix", "Another prefix.");
    Path edited = Files.writeString(folder.resolve("edited.json"), plan.toString());

    Cli cli = cli(List.of("quality", "--plan", edited.toString()));

    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.error()).contains("prompts_sha256 is");
  }

  private void assertReplayed(String records, Function<JsonNode, Boolean> counts, String... options)
      throws IOException {
    Path first = folder.resolve("first");
    Path again = folder.resolve("again");
    run(first, List.of(options));
    run(again, List.of(options[0], "--plan", first.resolve("result.json").toString()));

    assertSamePlan(first, again);
    assertThat(prompts(again.resolve(records), counts))
        .isNotEmpty()
        .isEqualTo(prompts(first.resolve(records), counts));
  }

  private static void assertSamePlan(Path first, Path again) throws IOException {
    JsonNode before = JsonFiles.read(first.resolve("result.json"));
    JsonNode after = JsonFiles.read(again.resolve("result.json"));
    assertThat(after.get("plan")).isEqualTo(before.get("plan"));
    assertThat(after.get("plan_id")).isEqualTo(before.get("plan_id"));
  }

  /** Which prompt each block had, and in which order its arms answered. */
  private static Map<String, String> prompts(Path records, Function<JsonNode, Boolean> counts)
      throws IOException {
    return JsonFiles.lines(records).stream()
        .filter(counts::apply)
        .collect(
            Collectors.toMap(
                row -> row.get("block") + " " + row.path("arm").asText(),
                row -> row.get("prompt_hash") + " " + row.path("order") + orders(row)));
  }

  private static String orders(JsonNode row) {
    List<String> orders = new ArrayList<>();
    row.path("answers")
        .properties()
        .forEach(
            answer ->
                orders.add(
                    answer.getKey()
                        + answer.getValue().get("order")
                        + answer.getValue().get("token_ids")
                        + answer.getValue().get("scores")));
    return orders.toString();
  }

  private void run(Path out, List<String> options) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--out", out.toString()));
    Cli cli = cli(all);
    assertThat(cli.exitCode()).as(cli.err()).isIn(0, 3);
  }

  private Cli cli(List<String> options) {
    List<String> all = new ArrayList<>(options);
    all.addAll(1, List.of("--worker", worker.address()));
    return Cli.run(Map.of("HF_HOME", folder.resolve("hf").toString()), all.toArray(String[]::new));
  }

  private String template() throws IOException {
    return Files.writeString(folder.resolve("template.json"), TEMPLATE).toString();
  }

  private String dataset(Source source) throws IOException {
    return switch (source) {
      case EMBEDDED -> "pocketwiki";
      case FILE -> Files.writeString(folder.resolve("houses.json"), houses()).toString();
      case FILE_OF_KNOWN_SET ->
          Files.writeString(folder.resolve("mine.jsonl"), longBench()).toString();
      case CACHE -> {
        cache();
        yield "2wikimqa";
      }
    };
  }

  private static String houses() {
    List<String> items = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      items.add(
          """
          {"ctxs": [{"title": "House %d", "text": "The house of number %d is red."},
                    {"title": "Other", "text": "Another house is blue."}],
           "question": "What is red at number %d?", "answers": ["red house"]}"""
              .formatted(i, i, i));
    }
    return items.toString();
  }

  private static String longBench() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      lines.append(
          ("{'_id': 'id%d', 'dataset': '2wikimqa', 'input': 'What is red at number %d?',"
                  + " 'context': 'Passage 1:#House %d#It is red.##Passage 2:#Other#It is blue.',"
                  + " 'answers': ['red house']}\n")
              .formatted(i, i, i)
              .replace('\'', '"')
              .replace("#", "\\n"));
    }
    return lines.toString();
  }

  /** The archive of LongBench, as its download leaves it. */
  private void cache() throws IOException {
    Path repository = folder.resolve("hf/hub/datasets--THUDM--LongBench");
    Path snapshot = Files.createDirectories(repository.resolve("snapshots/abc"));
    Files.createDirectories(repository.resolve("refs"));
    Files.writeString(repository.resolve("refs/main"), "abc");
    try (OutputStream file = Files.newOutputStream(snapshot.resolve("data.zip"));
        ZipOutputStream zip = new ZipOutputStream(file)) {
      zip.putNextEntry(new ZipEntry("data/2wikimqa.jsonl"));
      for (String line : Splitter.on('\n').split(longBench())) {
        zip.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
      zip.closeEntry();
    }
  }
}
