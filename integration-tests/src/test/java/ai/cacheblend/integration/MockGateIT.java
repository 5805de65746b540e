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

final class MockGateIT {
  private static final AnswerTokens RIGHT = AnswerTokens.text("red house");
  private static final AnswerTokens WRONG = AnswerTokens.text("green");

  @TempDir Path folder;

  @Test
  void equalAnswersPassAfterTheFewestSamplesOfTheMargin() throws IOException {
    Cli cli = gate(RIGHT, "0.05");

    assertThat(cli.exitCode()).as(cli.err()).isZero();
    assertThat(cli.out()).contains("after 77 samples\n\npass\n");
    JsonNode result = JsonFiles.read(folder.resolve("result.json"));
    assertThat(result.at("/gate/verdict").asText()).isEqualTo("pass");
    assertThat(result.at("/gate/reason").asText()).contains("after 77 samples");
    assertThat(result.at("/gate/samples_to_pass").intValue()).isEqualTo(77);
    assertThat(result.at("/gate/interim"))
        .extracting(interim -> interim.get("samples").intValue())
        .containsExactly(25, 50, 77);
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSize(77);
    // The summary of the run and the gate agree.
    assertThat(result.at("/n").intValue()).isEqualTo(77);
    assertThat(result.at("/arms/cacheblend/arm_minus_full_prefill/verdict").asText())
        .isEqualTo("pass");
    assertThat(Files.readString(folder.resolve("report.html"))).contains("Gate on items: pass");
  }

  @Test
  void wrongAnswersFailSoon() throws IOException {
    Cli cli = gate(WRONG, "0.02");

    assertThat(cli.exitCode()).isEqualTo(1);
    assertThat(cli.out()).contains("\nfail\n");
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSizeLessThan(25);
    assertThat(
            JsonFiles.read(folder.resolve("result.json"))
                .at("/arms/cacheblend/arm_minus_full_prefill/mean")
                .doubleValue())
        .isEqualTo(-1);
  }

  @Test
  void workersThatFinishInAnyOrderGiveTheSameVerdict() throws IOException {
    try (MockWorker second = MockWorker.start(script(RIGHT))) {
      Cli cli = gate(RIGHT, "0.05", "--worker", second.address());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.at("/n").intValue()).isEqualTo(77);
      assertThat(second.journal().generated()).isNotEmpty();
    }
  }

  @Test
  void tierThatTheWorkerLacksIsRejectedBeforeTheRun() throws IOException {
    assertThat(gate(RIGHT, "0.05", "--tier", "host", "--dry-run").error())
        .contains("tier is host, which worker ");
    Cli cli = gate(RIGHT, "0.05", "--tier", "host");

    assertThat(cli.exitCode()).isEqualTo(4);
    assertThat(cli.error()).contains("tier is host, which worker ").contains("does not have");
    assertThat(folder.resolve("plan.json")).doesNotExist();
  }

  /** Both arms answer every question wrong: their scores are equal and mean nothing. */
  @Test
  void armsAtTheFloorCannotBeJudged() throws IOException {
    Cli cli = gate(WRONG, WRONG, "0.05");

    assertThat(cli.exitCode()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.out()).contains("\ncannot judge\n");
    assertThat(cli.out().replaceAll("\\s+", " "))
        .contains("the baseline scores 0.00, which is not shown to be above 0.100");
    JsonNode result = JsonFiles.read(folder.resolve("result.json"));
    assertThat(result.at("/gate/verdict").asText()).isEqualTo("cannot_judge");
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSize(120);
  }

  @Test
  void tooFewSamplesForTheMarginCannotBeJudged() throws IOException {
    Cli cli = gate(RIGHT, "0.02");

    assertThat(cli.exitCode()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.err()).contains("a pass needs 195 if no score differs");
    assertThat(cli.out().replaceAll("\\s+", " "))
        .contains("120 samples are too few", "use 195 or more");
  }

  @Test
  void lossNearTheMarginStaysUndecided() throws IOException {
    // The margin is the share of wrong answers: every third of the house numbers.
    AnswerTokens thirdWrong =
        (prompt, arm, step) ->
            (Math.floorMod(prompt.hashCode(), 3) == 0 ? WRONG : RIGHT).token(prompt, arm, step);
    Cli cli = gate(thirdWrong, "0.33");

    assertThat(cli.exitCode()).as(cli.out() + cli.err()).isEqualTo(3);
    assertThat(cli.out()).contains("\nundecided\n");
    assertThat(JsonFiles.read(folder.resolve("result.json")).at("/gate/interim"))
        .extracting(interim -> interim.get("samples").intValue())
        .containsExactly(25, 50, 100, 120);
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSize(120);
  }

  /** Every arm is right: the cheapest one, full KV reuse, is the only one worth a test. */
  @Test
  void autoFindsTheCheapestArmThatPasses() throws IOException {
    Cli cli = gate(RIGHT, "0.05", "--selector", "auto", "--ratios", "0.1,0.3");

    assertThat(cli.exitCode()).as(cli.out() + cli.err()).isZero();
    JsonNode selection = JsonFiles.read(folder.resolve("result.json")).at("/gate/selection");
    assertThat(selection.get("samples").intValue()).isEqualTo(30);
    // Six selectors with two ratios, and full KV reuse; random rows are no candidate.
    assertThat(selection.get("candidates")).hasSize(6 * 2 + 1);
    assertThat(selection.get("sequence"))
        .extracting(JsonNode::asText)
        .containsExactly("full_kv_reuse");
    assertThat(selection.get("chosen").asText()).isEqualTo("full_kv_reuse");
    assertThat(cli.out()).contains("Use full_kv_reuse (items: pass", "\npass\n");
    assertThat(JsonFiles.lines(folder.resolve("samples.jsonl"))).hasSize(30 + 77);
    assertThat(Files.readString(folder.resolve("report.html")))
        .contains("13 candidates, compared on 30 samples", "Use full_kv_reuse");

    Path again = folder.resolve("again");
    try (MockWorker worker = MockWorker.start(script(RIGHT))) {
      Cli replay = gateOfPlan(worker, folder.resolve("plan.json"), again);
      assertThat(replay.exitCode()).as(replay.err()).isZero();
      Cli quality =
          Cli.run(
              "quality",
              "--worker",
              worker.address(),
              "--plan",
              folder.resolve("plan.json").toString());
      assertThat(quality.error()).contains("plan has selection_samples, which is for gate");
    }
    assertThat(JsonFiles.read(again.resolve("result.json")).at("/gate/selection"))
        .isEqualTo(selection);
  }

  @Test
  void autoResumesInsideTheSelection() throws IOException {
    Cli cli = gate(WRONG, "0.05", "--selector", "auto", "--selectors", "value", "--ratios", "0.1");

    // Only the blending arm is wrong.
    assertThat(cli.exitCode()).as(cli.err()).isZero();
    JsonNode result = JsonFiles.read(folder.resolve("result.json"));
    assertThat(result.at("/gate/selection/chosen").asText()).isEqualTo("full_kv_reuse");
    Path rows = folder.resolve("samples.jsonl");
    Files.write(rows, Files.readAllLines(rows).subList(0, 20));
    Cli resumed =
        gate(
            WRONG,
            "0.05",
            "--selector",
            "auto",
            "--selectors",
            "value",
            "--ratios",
            "0.1",
            "--resume");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(JsonFiles.read(folder.resolve("result.json")).get("gate"))
        .isEqualTo(result.get("gate"));
  }

  @Test
  void optionsOfAutoNeedAuto() throws IOException {
    assertThat(gate(RIGHT, "0.05", "--ratios", "0.1").exitCode()).isEqualTo(2);
    assertThat(gate(RIGHT, "0.05", "--selector", "best").exitCode()).isEqualTo(2);
    Cli both = gate(RIGHT, "0.05", "--selector", "auto", "--arm", "random@0.1");
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.error()).contains("--arm and --selector exclude each other");
  }

  private static Cli gateOfPlan(MockWorker worker, Path plan, Path out) {
    return Cli.run(
        "gate", "--worker", worker.address(), "--plan", plan.toString(), "--out", out.toString());
  }

  @Test
  void dryRunPrintsThePlanOfTheRun() throws IOException {
    Cli dry = gate(RIGHT, "0.05", "--dry-run");

    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.err()).contains("would take about", "timed: 2 samples");
    assertThat(folder.resolve("plan.json")).doesNotExist();
    Path plan = Files.writeString(folder.resolve("in.json"), dry.out());
    try (MockWorker worker = MockWorker.start(script(RIGHT))) {
      Cli run = gateOfPlan(worker, plan, folder.resolve("out"));
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
  void fullPrefillIsNotAValidArm() {
    Cli cli = Cli.run("gate", "--worker", "127.0.0.1:1", "--arm", "full_prefill");

    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.error()).contains("arms has full_prefill twice");
  }

  /** Full prefill is right; blending answers as given. */
  private static MockScript script(AnswerTokens blending) {
    return script(RIGHT, blending);
  }

  private static MockScript script(AnswerTokens full, AnswerTokens blending) {
    return MockScript.sound()
        .withAnswers(
            (prompt, arm, step) ->
                (arm.equals("cacheblend") ? blending : full).token(prompt, arm, step));
  }

  private Cli gate(AnswerTokens blending, String margin, String... more) throws IOException {
    return gate(RIGHT, blending, margin, more);
  }

  private Cli gate(AnswerTokens full, AnswerTokens blending, String margin, String... more)
      throws IOException {
    try (MockWorker worker = MockWorker.start(script(full, blending))) {
      List<String> items = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        items.add(
            """
            {"ctxs": [{"title": "House %d", "text": "The house of number %d is red."}],
             "question": "What is red at number %d?", "answers": ["red house"]}\
            """
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
