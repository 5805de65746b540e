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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MockGateTest {
  private static final AnswerTokens RIGHT = AnswerTokens.text("red house");
  private static final AnswerTokens WRONG = AnswerTokens.text("green");

  @TempDir Path folder;

  @Test
  void anArmThatAnswersTheSamePassesAtTheFirstLook() throws IOException {
    Cli cli = gate(RIGHT, "0.02");

    assertThat(cli.exitCode()).as(cli.err()).isZero();
    assertThat(cli.out()).endsWith("\npass\n");
    JsonNode result = JsonFiles.read(folder.resolve("result.json"));
    assertThat(result.at("/gate/verdict").asText()).isEqualTo("pass");
    // Looks at 25, 50, 100 and 120 samples.
    assertThat(result.at("/gate/level").doubleValue()).isEqualTo(1 - 0.05 / 4);
    assertThat(result.at("/gate/looks")).hasSize(1);
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSize(25);
    assertThat(Files.readString(folder.resolve("report.html"))).contains("Gate on items: pass");
  }

  @Test
  void anArmThatIsWrongFails() throws IOException {
    Cli cli = gate(WRONG, "0.02");

    assertThat(cli.exitCode()).isEqualTo(1);
    assertThat(cli.out()).endsWith("\nfail\n");
  }

  @Test
  void aLossAboutAsLargeAsTheMarginStaysUndecided() throws IOException {
    AnswerTokens halfWrong =
        (prompt, arm, step) ->
            (prompt.hashCode() % 2 == 0 ? RIGHT : WRONG).token(prompt, arm, step);
    Cli cli = gate(halfWrong, "0.5");

    assertThat(cli.exitCode()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.out()).endsWith("\nundecided\n");
    JsonNode looks = JsonFiles.read(folder.resolve("result.json")).at("/gate/looks");
    assertThat(looks)
        .extracting(look -> look.get("samples").intValue())
        .containsExactly(25, 50, 100, 120);
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSize(120);
  }

  @Test
  void aDryRunPrintsThePlanThatIsThenRun() throws IOException {
    Cli dry = gate(RIGHT, "0.02", "--dry-run");

    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.err()).contains("would take about", "timed: 2 samples");
    assertThat(folder.resolve("plan.json")).doesNotExist();
    Path plan = Files.writeString(folder.resolve("in.json"), dry.out());
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli run =
          Cli.run(
              "gate",
              "--worker",
              worker.address(),
              "--plan",
              plan.toString(),
              "--out",
              folder.resolve("out").toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
      JsonNode result = JsonFiles.read(folder.resolve("out/result.json"));
      assertThat(result.get("plan").get("samples").intValue()).isEqualTo(120);
      assertThat(JsonFiles.parse(dry.out()).get("prompts_sha256"))
          .isEqualTo(result.at("/plan/prompts_sha256"));
      Cli mixed =
          Cli.run(
              "gate",
              "--worker",
              worker.address(),
              "--plan",
              plan.toString(),
              "--arm",
              "cacheblend@0.3");
      assertThat(mixed.exitCode()).isEqualTo(2);
      assertThat(mixed.error()).contains("--plan replaces --arm");
    }
  }

  @Test
  void fullPrefillIsNotJudgedByItself() {
    Cli cli = Cli.run("gate", "--worker", "127.0.0.1:1", "--arm", "full_prefill");

    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.error()).contains("arms has full_prefill twice");
  }

  /** Full prefill is right; blending answers as given. */
  private Cli gate(AnswerTokens blending, String margin, String... more) throws IOException {
    MockScript script =
        MockScript.sound()
            .withAnswers(
                (prompt, arm, step) ->
                    (arm.equals("cacheblend") ? blending : RIGHT).token(prompt, arm, step));
    try (MockWorker worker = MockWorker.start(script)) {
      List<String> items = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        items.add(
            """
            {"ctxs": [{"title": "House %d", "text": "The house of number %d is red."}],
             "question": "What is red at number %d?", "answers": ["red house"]}"""
                .formatted(i, i, i));
      }
      Path data = Files.writeString(folder.resolve("items.json"), items.toString());
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "gate",
                  "--worker",
                  worker.address(),
                  "--dataset",
                  data.toString(),
                  "--margin",
                  margin,
                  "--out",
                  folder.toString()));
      arguments.addAll(List.of(more));
      return Cli.run(arguments.toArray(String[]::new));
    }
  }
}
