package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class MockAddressTest {
  @TempDir Path folder;
  private Path request;

  @BeforeEach
  void writeRequest() throws IOException {
    request =
        Files.writeString(
            folder.resolve("request.json"),
            """
            {"segments": [{"token_ids": [5]}], "method": "full_prefill", "max_tokens": 2}
            """);
  }

  @Test
  void workerMayHaveAnIpv6Address() throws IOException {
    try (MockWorker worker = startAtIpv6()) {
      assertThat(worker.address()).startsWith("[::1]:");

      Cli cli = generate(worker.address());

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(JsonFiles.parse(cli.out()).get("worker").textValue()).isEqualTo(worker.address());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1:50051", "::1", "[::1]", "[::1]:", "[::1:50051", ":50051", "host:p"})
  void addressWithoutBracketsOrPortIsBadUsage(String worker) {
    Cli cli = generate(worker);

    assertThat(cli.exitCode()).isEqualTo(2);
    assertThat(cli.err())
        .hasLineCount(1)
        .contains("worker is '" + worker + "'; use HOST:PORT, or [ADDRESS]:PORT for an IPv6");
  }

  @Test
  void unresolvedNameIsReported() {
    Cli cli = generate("no-such-host.invalid:50051");

    assertThat(cli.exitCode()).isEqualTo(1);
    assertThat(cli.err())
        .isEqualTo(
            "cacheblend generate: worker no-such-host.invalid:50051: UNAVAILABLE: the host name"
                + " does not resolve; check it, or give the IP address of the worker\n");
  }

  @Test
  void runWithAnUnresolvedNameIsRejected() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      Cli cli =
          Cli.run(
              "ttft", "--worker", worker.address() + ",no-such-host.invalid:1", "--lengths", "512");

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.error()).contains("no-such-host.invalid:1", "does not resolve");
    }
  }

  /** Every run that measures contacts all workers first. */
  @ParameterizedTest
  @CsvSource({
    "ttft, 1",
    "quality --dataset pocketwiki, 1",
    "gate --dataset pocketwiki, 4",
    "sweep --dataset pocketwiki, 1",
    "load --rate 1, 1"
  })
  void runWithAWorkerThatIsDownFailsBeforeTheFirstRequest(String command, int exitCode)
      throws IOException {
    Path out = folder.resolve("out");
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
      arguments.addAll(
          List.of("--worker", worker.address() + ",localhost:1,localhost:2", "--out", "" + out));
      Cli cli = Cli.run(arguments.toArray(String[]::new));

      assertThat(cli.exitCode()).as(cli.err()).isEqualTo(exitCode);
      assertThat(cli.error())
          .contains(
              "2 of 3 workers failed at the start: worker localhost:1: UNAVAILABLE",
              "; worker localhost:2: UNAVAILABLE",
              "; start them, or leave them out");
      assertThat(out).doesNotExist();
      assertThat(worker.journal().collectedKeys()).isEmpty();
      assertThat(worker.journal().generated()).isEmpty();
    }
  }

  private static MockWorker startAtIpv6() throws IOException {
    try {
      return MockWorker.startAt(InetAddresses.forString("::1"));
    } catch (IOException e) {
      return abort("this host has no IPv6 loopback address");
    }
  }

  private Cli generate(String worker) {
    return Cli.run("generate", "--worker", worker, "--request", request.toString());
  }
}
