package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.AnswerTokens;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MockGenerateTest {
  @TempDir Path folder;

  @Test
  void requestIsCollectedAndGenerated() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          generate(
              worker,
              """
              {"segments": [{"token_ids": [1]}, {"text": "twenty bytes of text", "cache": true},
                            {"token_ids": [30, 31, 32], "cache": false}],
               "method": "cacheblend", "schedule": {"1": 0.5, "3": 0.25}, "max_tokens": 4}
              """);

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.parse(cli.out());
      assertThat(result.get("token_ids")).hasSize(4);
      assertThat(result.get("logprobs")).hasSize(4);
      assertThat(result.get("first_logits_top5")).hasSize(5);
      // Four fresh rows and a quarter of twenty cached ones.
      assertThat(result.get("recomputed_positions")).hasSize(9);
      assertThat(result.at("/check_scores/1")).hasSize(20);
      assertThat(result.at("/check_scores/3")).hasSize(10);
      assertThat(result.at("/rows/reused").intValue()).isEqualTo(15);
      assertThat(result.get("reason").textValue()).isEqualTo("max_new_tokens");
      assertThat(worker.journal().collectedKeys()).hasSize(1);
    }
  }

  @Test
  void ratioThatTheWorkerUsedIsReported() throws IOException {
    String request =
        """
        {"segments": [{"text": "twenty bytes of text", "cache": true}, {"token_ids": [30]}],
         "method": "cacheblend", "recompute_ratio": 0.4%s}
        """;
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      JsonNode raised =
          JsonFiles.parse(generate(worker, request.formatted(", \"ratio\": \"auto\"")).out());
      JsonNode fixed = JsonFiles.parse(generate(worker, request.formatted("")).out());

      assertThat(raised.at("/load/recompute_ratio").doubleValue()).isEqualTo(.4);
      assertThat(raised.at("/load/recomputed_segments")).isEmpty();
      assertThat(fixed.path("load").isMissingNode()).isTrue();
    }
  }

  @Test
  void endOfSequenceStopsUnlessIgnored() throws IOException {
    MockScript script = MockScript.sound().withAnswers(AnswerTokens.text("abc"));
    try (MockWorker worker = MockWorker.start(script)) {
      String request =
          """
          {"segments": [{"token_ids": [5]}], "method": "full_prefill", "max_tokens": 6%s}
          """;

      JsonNode on = JsonFiles.parse(generate(worker, request.formatted("")).out());
      JsonNode ended =
          JsonFiles.parse(generate(worker, request.formatted(", \"stop_at_eos\": true")).out());

      assertThat(on.get("token_ids")).hasSize(6);
      assertThat(ended.get("token_ids")).hasSize(4);
      assertThat(ended.get("reason").textValue()).isEqualTo("stop_token");
      assertThat(ended.get("text").textValue()).isEqualTo("abc");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"check_layer\": 0                   | check_layer is 0",
        "\"recompute_ratio\": -1              | recompute_ratio is -1.0",
        "\"recompute_ratio\": \"a\"           | recompute_ratio is \"a\"",
        "\"recompute_ration\": 0.1            | unknown field 'recompute_ration'",
        "\"schedule\": {}                     | schedule is empty",
        "\"schedule\": {\"1\": 0.1, \"2\": 0.2} | schedule has share 0.2 after 0.1",
        "\"ratio\": \"0.3\"                   | ratio is '0.3'; use auto",
        "\"deviation\": \"q\"                 | deviation is 'q'",
        "\"max_tokens\": 0                    | max_tokens is 0",
        "\"temperature\": -0.5                | temperature is -0.5",
        "\"stop\": [3]                        | stop is [3]",
      })
  void badFieldIsNamed(String field, String message) throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          generate(
              worker,
              "{\"segments\": [{\"token_ids\": [5]}], \"method\": \"cacheblend\", " + field + "}");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).hasLineCount(1).contains("INVALID_ARGUMENT").contains(message);
      assertThat(cli.out()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                         | segments is empty",
        "[{\"token_ids\": []}]                      | segments is empty",
        "[{\"token_ids\": [], \"cache\": true}]     | segments[0] is empty",
        "[{\"cache\": true}]                        | segments[0] needs either token_ids or text",
        "[{\"token_ids\": [-1]}]                    | holds -1",
        "[{\"token_ids\": [9999]}]                  | 9999",
        "[{\"token_ids\": [4], \"cached\": true}]   | unknown field 'cached'",
      })
  void badSegmentIsNamed(String segments, String message) throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli = generate(worker, "{\"segments\": " + segments + ", \"method\": \"full_prefill\"}");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).hasLineCount(1).contains("INVALID_ARGUMENT").contains(message);
    }
  }

  @Test
  void answerOfAModelCannotControlTheTerminal() throws IOException {
    String answer = "\u001b[2J\u007f";
    MockScript script = MockScript.sound().withAnswers(AnswerTokens.text(answer));
    try (MockWorker worker = MockWorker.start(script)) {
      Cli cli =
          generate(
              worker,
              """
              {"segments": [{"token_ids": [5]}], "method": "full_prefill", "max_tokens": 20,
               "stop_at_eos": true}
              """);

      assertThat(cli.out()).contains("\\u007f").doesNotContainPattern("[\\p{Cc}&&[^\n]]");
      assertThat(JsonFiles.parse(cli.out()).get("text").textValue()).isEqualTo(answer);
    }
  }

  @Test
  void errorThatQuotesARequestCannotControlTheTerminal() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          generate(
              worker,
              """
              {"segments": [{"token_ids": [5]}], "method": "full_prefill",
               "\\u001b[2J\\n\\u009b": 1}
              """);

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err())
          .hasLineCount(1)
          .contains("\\u001b[2J | \\u009b")
          .doesNotContainPattern("[\\p{Cc}&&[^\n]]");
    }
  }

  private Cli generate(MockWorker worker, String request) throws IOException {
    Path file = Files.writeString(folder.resolve("request.json"), request);
    return Cli.run("generate", "--worker", worker.address(), "--request", file.toString());
  }
}
