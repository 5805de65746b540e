package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plan that the workers cannot run leaves the run in {@code --out} as it is. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MockOverwriteIT {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ttft --lengths 90000",
        "ttft --lengths 64 --arms full_prefill,cacheblend@99=0.2",
        "load --rate 10 --chunks 20 --chunk-tokens 8000",
        // As an int, the number of tokens is negative.
        "load --rate 10 --chunks 30000 --pool-chunks 30000 --chunk-tokens 100000",
        "load --rate 10 --arms cacheblend@99=0.2",
        "quality --samples 1 --arms full_prefill,cacheblend@99=0.2",
        "gate --max-samples 1 --arm cacheblend@99=0.2",
        "sweep --lengths 90000 --samples 1",
        "sweep --lengths 200 --samples 1 --check-layer 99",
        "demo --lengths 90000 --samples 1 --quiet"
      })
  void anUnfitPlanKeepsTheRunThatItWouldReplace(String command) throws IOException {
    Path plan = Files.writeString(folder.resolve("plan.json"), "an earlier run");
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
      arguments.addAll(List.of("--worker", worker.address()));
      arguments.addAll(List.of("--out", folder.toString(), "--overwrite"));

      Cli cli = Cli.run(arguments.toArray(String[]::new));

      assertThat(cli.exitCode()).as(cli.err()).isNotZero();
      assertThat(cli.error()).containsAnyOf("limit", "check layers");
      assertThat(plan).hasContent("an earlier run");
    }
  }
}
