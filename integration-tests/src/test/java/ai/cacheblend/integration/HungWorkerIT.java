package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.Fault;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that stop to respond while their connections stay open. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class HungWorkerIT {
  private static final String LOST = "UNAVAILABLE: no response to a heartbeat for 1 s";

  /** The third trial of three arms. */
  private static final Fault HANG = new Fault.Hang(Fault.Method.GENERATE, call -> call == 8);

  @TempDir Path folder;

  @Test
  void trialsMoveToTheOtherWorker() throws IOException {
    try (MockWorker hanging = MockWorker.start(MockScript.sound().withFaults(HANG));
        MockWorker living = MockWorker.start(MockScript.sound())) {
      Cli cli = ttft(List.of(), hanging.address(), living.address());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.err()).contains("lost worker " + hanging.address()).contains(LOST);
      assertThat(rows().get("n").intValue()).isEqualTo(8);
    }
  }

  @Test
  void withoutAnotherWorkerTheRunFailsAndResumes() throws IOException {
    try (MockWorker hanging = MockWorker.start(MockScript.sound().withFaults(HANG))) {
      Cli cli = ttft(List.of(), hanging.address());

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.error()).contains("no worker is left").contains(LOST);
    }
    try (MockWorker living = MockWorker.start(MockScript.sound())) {
      Cli resumed = ttft(List.of("--resume"), living.address());

      assertThat(resumed.exitCode()).as(resumed.err()).isZero();
      assertThat(resumed.err()).contains("2 complete blocks kept");
      assertThat(rows().get("n").intValue()).isEqualTo(8);
    }
  }

  @Test
  void samplesMoveFromAWorkerBehindADeadNetwork() throws IOException {
    try (MockWorker distant = MockWorker.start(MockScript.sound());
        MockWorker living = MockWorker.start(MockScript.sound());
        Relay network = Relay.to(distant.address())) {
      CompletableFuture<Void> unused = distant.journal().whenGenerated(4).thenRun(network::silence);
      Cli cli =
          Cli.run(
              "quality",
              "--dataset",
              "pocketwiki",
              "--samples",
              "8",
              "--heartbeat-timeout",
              "1",
              "--out",
              folder.toString(),
              "--worker",
              network.address(),
              "--worker",
              living.address());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.err()).contains("lost worker " + network.address()).contains(LOST);
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      assertThat(result.get("n").intValue()).isEqualTo(8);
      assertThat(result.get("invalid").intValue()).isZero();
    }
  }

  @Test
  void workerThatNeverRespondsIsReportedInOneLine() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound());
        Relay network = Relay.to(worker.address())) {
      network.silence();
      Cli cli = ttft(List.of(), network.address());

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.err()).hasLineCount(1).contains(network.address()).contains(LOST);
    }
  }

  @Test
  void longCallOfAResponsiveWorkerIsNotEnded() throws IOException {
    Delays delays =
        Delays.prefill((arm, tokens) -> Duration.ofSeconds(arm.equals("cacheblend") ? 5 : 0));
    try (MockWorker slow = MockWorker.start(MockScript.sound().withDelays(delays))) {
      Cli cli =
          Cli.run(
              "ttft",
              "--worker",
              slow.address(),
              "--lengths",
              "100",
              "--trials",
              "1",
              "--warmup",
              "0",
              "--heartbeat-timeout",
              "1");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(slow.journal().promptsBeforeDescribes()).hasSizeGreaterThan(1);
    }
  }

  private JsonNode rows() throws IOException {
    return JsonFiles.read(folder.resolve("result.json")).at("/rows/0");
  }

  private Cli ttft(List<String> options, String... workers) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "ttft",
                "--lengths",
                "100",
                "--trials",
                "8",
                "--warmup",
                "0",
                "--heartbeat-timeout",
                "1",
                "--out",
                folder.toString()));
    arguments.addAll(options);
    for (String worker : workers) {
      arguments.addAll(List.of("--worker", worker));
    }
    return Cli.run(arguments.toArray(String[]::new));
  }
}
