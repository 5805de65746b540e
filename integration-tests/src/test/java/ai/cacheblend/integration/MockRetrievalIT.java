package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.AnswerTokens;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --retrieve} with the real sentence encoder. */
final class MockRetrievalIT {
  private static final String ITEMS =
      """
      [{"_id": "a", "question": "Which river flows through Vienna?", "answer": "Danube",
        "supporting_facts": [["Vienna", 0]],
        "context": [["Bread", ["Bread is baked from flour, water and yeast."]],
                    ["Vienna", ["Vienna lies on the Danube."]],
                    ["Locks", ["The lock of the canal opened in 1701."]]]},
       {"_id": "b", "question": "What is bread made of?", "answer": "flour",
        "supporting_facts": [["Bread", 0], ["Locks", 0]],
        "context": [["Locks", ["The lock of the canal opened in 1701."]],
                    ["Vienna", ["Vienna lies on the Danube."]],
                    ["Bread", ["Bread is baked from flour, water and yeast."]]]}]
      """;

  @TempDir Path folder;

  private MockWorker worker;

  @BeforeEach
  void start() throws IOException {
    worker = MockWorker.start(MockScript.sound().withAnswers(AnswerTokens.text("flour")));
    Files.writeString(folder.resolve("items.json"), ITEMS);
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  @Test
  void nearestDocumentsArePromptedAndTheRecallIsReported() throws IOException {
    Cli cli = quality("first", "--retrieve", "1");

    assertThat(cli.err())
        .contains("retrieval: embedding chunks with all-MiniLM-L6-v2-q")
        .contains("retrieval: 5 texts embedded, complete");
    JsonNode result = result("first");
    // Of a the only one, of b one of two.
    assertThat(result.get("supporting_recall").doubleValue()).isEqualTo(0.75);
    assertThat(cli.out()).contains("75 % of the supporting documents");
    assertThat(result.at("/plan/retrieve/count").intValue()).isEqualTo(1);
    assertThat(result.at("/plan/retrieve/encoder").textValue()).isEqualTo("all-MiniLM-L6-v2-q");
    assertThat(result.at("/plan/chunk_tokens").intValue()).isEqualTo(512);
    assertThat(samples("first"))
        .extracting(row -> row.at("/retrieved/candidates").intValue())
        .containsExactly(3, 3);
  }

  @Test
  void aPlanRepeatsTheChoiceAndTheOrder() throws IOException {
    quality("first", "--retrieve", "3", "--chunk-tokens", "8", "--seed", "4");
    run("again", List.of("--plan", folder.resolve("first/plan.json").toString()));
    quality("other", "--retrieve", "3", "--chunk-tokens", "8", "--seed", "5");

    assertThat(hashes("again"))
        .isEqualTo(hashes("first"))
        .doesNotContainAnyElementsOf(hashes("other"));
  }

  @Test
  void thePromptIsPrintedAsTheWorkerGetsIt() {
    Cli cli =
        Cli.run(
            "quality",
            "--dataset",
            folder.resolve("items.json").toString(),
            "--retrieve",
            "1",
            "--print-prompt",
            "--worker",
            worker.address());

    assertThat(cli.exitCode()).as(cli.err()).isZero();
    assertThat(cli.out()).contains("Danube").doesNotContain("yeast").doesNotContain("canal");
  }

  private Cli quality(String to, String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("--dataset", folder.resolve("items.json").toString()));
    arguments.addAll(List.of(options));
    return run(to, arguments);
  }

  private Cli run(String to, List<String> options) {
    List<String> arguments = new ArrayList<>(List.of("quality"));
    arguments.addAll(options);
    arguments.addAll(List.of("--worker", worker.address(), "--out", folder.resolve(to).toString()));
    Cli cli = Cli.run(arguments.toArray(String[]::new));
    assertThat(cli.exitCode()).as(cli.err()).isZero();
    return cli;
  }

  private JsonNode result(String of) throws IOException {
    return JsonFiles.read(folder.resolve(of).resolve("result.json"));
  }

  private List<JsonNode> samples(String of) throws IOException {
    return JsonFiles.lines(folder.resolve(of).resolve("samples.jsonl"));
  }

  private List<String> hashes(String of) throws IOException {
    return samples(of).stream().map(row -> row.get("prompt_hash").textValue()).toList();
  }
}
