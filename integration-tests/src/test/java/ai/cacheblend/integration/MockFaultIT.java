package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.Fault;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.proto.v1.RowCounts;
import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault of a worker makes its trial invalid, is reported, and does not end the run. */
final class MockFaultIT {
  /** The fifth answer belongs to the second of three trials of three arms each. */
  private static final int CALL = 5;

  private static final int INCOMPLETE = 5;

  @TempDir Path folder;

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(
            new Fault.ReportedRows(c -> c == CALL, MockFaultIT::oneRowNotRecomputed),
            "reused rows: "),
        Arguments.of(
            new Fault.ReportedRows(
                c -> c == CALL, rows -> rows.toBuilder().setPromptTokenCount(99).build()),
            "prompt tokens: 99, expected 100"),
        Arguments.of(new Fault.TokenCount(c -> c == CALL, -1), "new tokens: 3, expected 4"),
        Arguments.of(new Fault.TokenCount(c -> c == CALL, 2), "new tokens: 6, expected 4"),
        Arguments.of(new Fault.EmptyFirstMessage(c -> c == CALL), "the first message has no token"),
        Arguments.of(
            new Fault.ClockJump(c -> c == CALL, Duration.ofSeconds(5)),
            "clock discontinuity: worker's queue and TTFT: 5."),
        Arguments.of(
            new Fault.ClockJump(c -> c == CALL, Duration.ofSeconds(-5)),
            "clock discontinuity: a duration of the worker is negative"),
        Arguments.of(
            new Fault.Refuse(
                Fault.Method.GENERATE,
                c -> c == CALL,
                Status.RESOURCE_EXHAUSTED.withDescription("no KV memory")),
            "RESOURCE_EXHAUSTED: no KV memory"),
        Arguments.of(
            new Fault.Refuse(
                Fault.Method.COLLECT, c -> c == 2, Status.INTERNAL.withDescription("broken")),
            "INTERNAL: broken"),
        Arguments.of(
            new Fault.Refuse(
                Fault.Method.CHECK, c -> c == 2, Status.INTERNAL.withDescription("no check")),
            "INTERNAL: no check"),
        Arguments.of(
            new Fault.Refuse(Fault.Method.RESET, c -> c == 2, Status.INTERNAL), "INTERNAL"));
  }

  private static RowCounts oneRowNotRecomputed(RowCounts rows) {
    return rows.toBuilder()
        .setReusedTokenCount(rows.getReusedTokenCount() + 1)
        .setRecomputedTokenCount(rows.getRecomputedTokenCount() - 1)
        .build();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void faultMakesOneTrialInvalid(Fault fault, String reason) throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound().withFaults(fault))) {
      Cli cli = run(worker);

      assertThat(cli.exitCode()).as(cli.err()).isEqualTo(INCOMPLETE);
      assertThat(cli.error())
          .isEqualTo("cacheblend ttft: 1 block has no valid result; --resume runs it again");
      JsonNode row = JsonFiles.read(folder.resolve("result.json")).at("/rows/0");
      assertThat(row.get("n").intValue()).isEqualTo(2);
      assertThat(row.get("invalid").intValue()).isEqualTo(1);
      List<JsonNode> lines = JsonFiles.lines(folder.resolve("trials.jsonl"));
      assertThat(lines).hasSize(9);
      List<JsonNode> invalid = lines.stream().filter(l -> !l.get("valid").booleanValue()).toList();
      assertThat(invalid).hasSize(3).allSatisfy(l -> assertThat(l.get("trial").intValue()).isOne());
      assertThat(invalid)
          .anySatisfy(line -> assertThat(line.get("problem").asText()).contains(reason));
      assertThat(cli.err()).contains("invalid: trial 1 of 100 tokens").contains(reason);
      assertThat(JsonFiles.read(folder.resolve("result.json")).get("invalid_runs"))
          .anySatisfy(run -> assertThat(run.get("problem").asText()).contains(reason))
          .allSatisfy(run -> assertThat(run.get("block").intValue()).isOne());
    }
  }

  /** The deadline is of the call: 100 tokens, each of them in time, are together too late. */
  @Test
  @Timeout(60)
  void callTimeoutCoversTheWholeAnswer() throws IOException {
    Delays delays =
        new Delays(
            Duration.ZERO, (arm, tokens) -> Duration.ZERO, Duration.ofMillis(200), Duration.ZERO);
    Path request =
        Files.writeString(
            folder.resolve("request.json"),
            """
            {"segments": [{"token_ids": [5]}], "method": "full_prefill", "max_tokens": 100}
            """);
    try (MockWorker worker = MockWorker.start(MockScript.sound().withDelays(delays))) {
      Cli cli =
          Cli.run(
              "generate",
              "--worker",
              worker.address(),
              "--call-timeout",
              "2",
              "--request",
              request.toString());

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).hasLineCount(1).contains(worker.address() + ": DEADLINE_EXCEEDED");
      assertThat(cli.out()).isEmpty();
    }
  }

  @Test
  void runWithoutValidTrialsFails() throws IOException {
    Fault fault = new Fault.TokenCount(call -> true, 1);
    try (MockWorker worker = MockWorker.start(MockScript.sound().withFaults(fault))) {
      Cli cli = run(worker);

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).contains("no valid trial");
      JsonNode row = JsonFiles.read(folder.resolve("result.json")).at("/rows/0");
      assertThat(row.get("full_prefill_mean").isNull()).isTrue();
      assertThat(row.get("speedup").isNull()).isTrue();
    }
  }

  @Test
  void lossOfTheOnlyWorkerIsReportedInOneLine() throws IOException {
    Fault fault = new Fault.DieMidStream(call -> call == CALL, 2);
    try (MockWorker worker = MockWorker.start(MockScript.sound().withFaults(fault))) {
      Cli cli = run(worker);

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err())
          .containsOnlyOnce("cacheblend ttft: no worker is left")
          .contains(worker.address())
          .doesNotContain("\tat ");
      // Finished measurements and the failed one are kept.
      List<JsonNode> lines = JsonFiles.lines(folder.resolve("trials.jsonl"));
      assertThat(lines).hasSize(6);
      assertThat(lines.get(0).get("valid").booleanValue()).isTrue();
      assertThat(lines.get(5).get("valid").booleanValue()).isFalse();
    }
  }

  @Test
  void chunksOfAnEarlierRunMakeATrialInvalid() throws IOException {
    try (MockWorker worker =
        MockWorker.start(MockScript.sound().withFaults(new Fault.IgnoredReset(call -> true)))) {
      assertThat(run(worker).exitCode()).isZero();
      // The same seed gives the same chunks, which the store still has.
      Cli again = run(worker);

      assertThat(again.exitCode()).isEqualTo(1);
      assertThat(again.err()).contains("1 of 1 chunks were hits directly after Reset");
    }
  }

  @Test
  void resumedRunRepeatsInvalidTrials() throws IOException {
    Fault fault = new Fault.TokenCount(c -> c == CALL, -1);
    try (MockWorker worker = MockWorker.start(MockScript.sound().withFaults(fault))) {
      assertThat(run(worker).exitCode()).isEqualTo(INCOMPLETE);
      Cli resumed = run(worker, "--resume");

      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      assertThat(resumed.err()).contains("2 complete blocks kept");
      JsonNode row = JsonFiles.read(folder.resolve("result.json")).at("/rows/0");
      assertThat(row.get("n").intValue()).isEqualTo(3);
      assertThat(row.get("invalid").intValue()).isZero();
      assertThat(JsonFiles.lines(folder.resolve("trials.jsonl")))
          .hasSize(9)
          .allSatisfy(line -> assertThat(line.get("valid").booleanValue()).isTrue());
    }
  }

  @Test
  void unreachableWorkerIsReportedInOneLine() {
    Cli cli = Cli.run("ttft", "--worker", "127.0.0.1:1");

    assertThat(cli.exitCode()).isEqualTo(1);
    assertThat(cli.err()).hasLineCount(1).contains("127.0.0.1:1").contains("UNAVAILABLE");
  }

  private Cli run(MockWorker worker) {
    return run(worker, "--overwrite");
  }

  private Cli run(MockWorker worker, String mode) {
    return SmallTtft.run(folder, worker, "--max-new-tokens", "4", mode);
  }
}
