package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.mock.AnswerTokens;
import ai.cacheblend.mock.Fault;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Sets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MockQualityTest {
  @TempDir Path folder;

  @Test
  void armsAreScoredAndCompared() throws IOException {
    AnswerTokens right = AnswerTokens.text("the red house");
    AnswerTokens half = AnswerTokens.text("red garden");
    MockScript script =
        MockScript.sound()
            .withAnswers(
                (prompt, arm, step) ->
                    (arm.equals("full_kv_reuse") ? half : right).token(prompt, arm, step));
    try (MockWorker worker = MockWorker.start(script)) {
      Cli cli = quality(items("Red house."), worker);

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.at("/scores/full_prefill").doubleValue()).isEqualTo(1.0);
      assertThat(result.at("/scores/cacheblend").doubleValue()).isEqualTo(1.0);
      // One of two words on each side.
      assertThat(result.at("/scores/full_kv_reuse").doubleValue()).isEqualTo(0.5, within(1e-9));
      assertThat(result.at("/difference").doubleValue()).isZero();
      assertThat(result.at("/arms/full_kv_reuse/arm_minus_full_prefill/mean").doubleValue())
          .isEqualTo(-0.5, within(1e-9));
      assertThat(result.at("/arms/full_kv_reuse/identical_share").doubleValue()).isZero();
      assertThat(result.at("/arms/cacheblend/identical_share").doubleValue()).isEqualTo(1.0);
      assertThat(result.at("/n").intValue()).isEqualTo(8);
      assertThat(result.at("/arms/cacheblend/arm_minus_full_prefill/verdict").textValue())
          .isEqualTo("cannot_judge");
      assertThat(cli.out().replaceAll("\\s+", " "))
          .contains("cannot judge: 8 samples are too few for a margin of 0.02");
      List<JsonNode> samples = JsonFiles.lines(folder.resolve("samples.jsonl"));
      assertThat(samples).hasSize(8);
      JsonNode answer = samples.get(0).at("/answers/full_kv_reuse");
      assertThat(answer.get("text").textValue()).isEqualTo("red garden");
      assertThat(answer.at("/rows/recomputed").intValue()).isZero();
      assertThat(cli.out()).contains("full_kv_reuse").contains("0.500").contains("-0.500");
    }
  }

  @Test
  void sampleWithWrongCountsIsExcludedAndReported() throws IOException {
    Fault fault =
        new Fault.ReportedRows(
            call -> call == 5, rows -> rows.toBuilder().setComputedTokenCount(0).build());
    try (MockWorker worker = MockWorker.start(MockScript.sound().withFaults(fault))) {
      Cli cli = quality(items("x"), worker);

      assertThat(cli.exitCode()).as(cli.err()).isEqualTo(5);
      assertThat(cli.error()).contains("1 block has no valid result");
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.at("/n").intValue()).isEqualTo(7);
      assertThat(result.at("/invalid").intValue()).isEqualTo(1);
      assertThat(cli.err()).contains("invalid: sample").contains("computed rows: 0, expected");
    }
  }

  @Test
  void samplesAreAssignedToWorkersDeterministically() throws IOException {
    try (MockWorker one = MockWorker.start(MockScript.sound());
        MockWorker two = MockWorker.start(MockScript.sound())) {
      Path data = items("x");
      assertThat(quality(data, one, two).exitCode()).isZero();
      Set<String> firstOne = new HashSet<>(one.journal().collectedKeys());
      Set<String> firstTwo = new HashSet<>(two.journal().collectedKeys());
      int callsOfOne = one.journal().generated().size();
      // All prompts begin with the same instruction, and the first of them, of three chunks, is
      // shown to the first worker again as the report's example; nothing else is stored twice.
      assertThat(Sets.intersection(firstOne, firstTwo)).hasSizeBetween(1, 3);
      assertThat(firstOne).hasSizeGreaterThan(1);
      assertThat(firstTwo).hasSizeGreaterThan(1);
      // 8 samples of 3 arms; the bound is ten per cent over the mean: 5 samples of a worker.
      assertThat(callsOfOne).isBetween(9, 15);

      // Given in another order, workers keep their chunks: every one is a hit.
      assertThat(quality(data, List.of("--overwrite"), two, one).exitCode()).isZero();
      assertThat(new HashSet<>(one.journal().collectedKeys())).isEqualTo(firstOne);
      for (JsonNode sample : JsonFiles.lines(folder.resolve("samples.jsonl"))) {
        assertThat(sample.at("/collect/hits")).isEqualTo(sample.at("/collect/chunks"));
        assertThat(sample.get("worker").textValue()).isIn(one.address(), two.address());
      }
    }
  }

  @Test
  void samplesOfAKilledWorkerMoveToTheOther() throws IOException {
    Fault fault = new Fault.DieMidStream(call -> call == 2, 1);
    try (MockWorker dying = MockWorker.start(MockScript.sound().withFaults(fault));
        MockWorker living = MockWorker.start(MockScript.sound())) {
      Cli cli = quality(items("x"), dying, living);

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.err()).contains("lost worker " + dying.address());
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.at("/n").intValue()).as(cli.err()).isEqualTo(8);
      assertThat(result.at("/invalid").intValue()).isZero();
      assertThat(JsonFiles.lines(folder.resolve("samples.jsonl")))
          .hasSize(8)
          .allSatisfy(s -> assertThat(s.get("worker").textValue()).isEqualTo(living.address()));
    }
  }

  @Test
  void workersOfDifferentModelsAreRejected() throws IOException {
    try (MockWorker one = MockWorker.start(MockScript.sound());
        MockWorker two = MockWorker.start(MockScript.sound().withFingerprint("other"))) {
      Cli cli = quality(items("x"), one, two);

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.error()).contains("model fingerprint").contains("other");
    }
  }

  @Test
  void twoAddressesOfOneWorkerAreRejected() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      String other = worker.address().replace("127.0.0.1", "localhost");
      Cli cli =
          Cli.run(
              "quality",
              "--worker",
              worker.address(),
              "--worker",
              other,
              "--dataset",
              "pocketwiki",
              "--samples",
              "2");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.error())
          .contains("worker " + other + " is the same process as worker " + worker.address());
    }
  }

  @Test
  void promptAboveTheWorkersLimitIsShortened() throws IOException {
    MockScript script = MockScript.sound().withLimits(300, 4, 1L << 30);
    try (MockWorker worker = MockWorker.start(script)) {
      Cli cli = quality(items("x"), worker);

      assertThat(cli.out().replaceAll("\\s+", " "))
          .contains("warning: 8 of 8 prompts were too long and lack documents from their middle");
      assertThat(JsonFiles.lines(folder.resolve("samples.jsonl")))
          .hasSize(8)
          .allSatisfy(line -> assertThat(line.get("documents_left_out").intValue()).isPositive());
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.get("shortened_prompts").intValue()).isEqualTo(8);
    }
  }

  /** Eight questions over two passages each, none shared. */
  private Path items(String answer) throws IOException {
    StringBuilder json = new StringBuilder("[");
    for (int i = 0; i < 8; i++) {
      json.append(i == 0 ? "" : ",")
          .append(
              """
              {"ctxs": [{"title": "House %d", "text": "The house of number %d is red."},
                        {"title": "Garden %d", "text": "The garden of number %d is green."}],
               "question": "What is red at number %d?", "answers": ["%s"]}\
              """
                  .formatted(i, i, i, i, i, answer));
    }
    return Files.writeString(folder.resolve("items.json"), json.append("]").toString());
  }

  private Cli quality(Path data, MockWorker... workers) {
    return quality(data, List.of(), workers);
  }

  private Cli quality(Path data, List<String> options, MockWorker... workers) {
    List<String> arguments =
        new ArrayList<>(
            List.of("quality", "--dataset", data.toString(), "--out", folder.toString()));
    arguments.addAll(options);
    for (MockWorker worker : workers) {
      arguments.addAll(List.of("--worker", worker.address()));
    }
    return Cli.run(arguments.toArray(String[]::new));
  }
}
