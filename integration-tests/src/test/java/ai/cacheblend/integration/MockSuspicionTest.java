package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.Fault;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.mock.VirtualClock;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that only a comparison of trials shows: the result names them and keeps every trial. */
final class MockSuspicionTest {
  private static final Delays DELAYS =
      Delays.prefill((arm, tokens) -> Duration.ofMillis(arm.equals("full_prefill") ? 60 : 40));

  @TempDir Path folder;

  @Test
  void undisclosedPrefixCachingIsReported() throws IOException {
    JsonNode result = run(new Fault.UndisclosedPrefixCaching(0.1));

    assertThat(result.get("warnings"))
        .anySatisfy(
            warning ->
                assertThat(warning.asText())
                    .startsWith("full_prefill is ")
                    .contains("as fast after other arms")
                    .contains("prefix cache"));
    assertThat(result.at("/rows/0/n").intValue()).isEqualTo(6);
  }

  @Test
  void correctWorkerHasNoWarnings() throws IOException {
    assertThat(run().get("warnings")).isEmpty();
  }

  @Test
  void clockDiscontinuityIsATransportOutlier() throws IOException {
    // The worker reports 35 ms less than passed; a single such answer could also be network delay.
    JsonNode result = run(new Fault.ClockJump(call -> call == 28, Duration.ofMillis(-35)));

    assertThat(result.at("/rows/0/invalid").intValue()).isZero();
    assertThat(result.at("/rows/1/invalid").intValue()).isZero();
    int named = 0;
    for (JsonNode row : result.get("rows")) {
      for (JsonNode arm : row.get("arms")) {
        for (JsonNode outlier : arm.get("outliers")) {
          boolean transport = outlier.get("reason").asText().equals("transport");
          named += transport && outlier.get("seconds").doubleValue() > 0.034 ? 1 : 0;
        }
      }
    }
    assertThat(named).isPositive();
  }

  private JsonNode run(Fault... faults) throws IOException {
    MockScript script = MockScript.sound().withDelays(DELAYS).withFaults(faults);
    VirtualClock clock = VirtualClock.jittering();
    try (MockWorker worker = MockWorker.start(script, clock)) {
      Cli cli =
          Cli.run(
              clock,
              "ttft",
              "--worker",
              worker.address(),
              "--lengths",
              "100,150",
              "--trials",
              "6",
              "--warmup",
              "0",
              "--max-new-tokens",
              "2",
              "--out",
              folder.toString());
      assertThat(cli.exitCode()).as(cli.err()).isZero();
      JsonNode result = JsonFiles.read(folder.resolve("result.json"));
      result
          .get("warnings")
          .forEach(
              warning ->
                  assertThat(cli.out().replaceAll("\\s+", " "))
                      .contains("warning: " + warning.asText()));
      return result;
    }
  }
}
