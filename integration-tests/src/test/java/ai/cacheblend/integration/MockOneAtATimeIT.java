package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A worker batches the requests that it has, so a command whose numbers are to be reproducible must
 * not have two at once on a worker.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MockOneAtATimeIT {
  private static final MockScript SCRIPT =
      MockScript.sound().withDelays(Delays.prefill((arm, tokens) -> Duration.ofMillis(2)));

  @TempDir Path folder;

  static Stream<List<String>> commands() {
    return Stream.of(
        List.of("ttft", "--lengths", "64,128", "--trials", "3", "--chunk-tokens", "32"),
        List.of("quality", "--dataset", "pocketwiki", "--samples", "5", "--max-new-tokens", "3"),
        List.of("gate", "--dataset", "pocketwiki", "--max-samples", "8", "--max-new-tokens", "3"),
        List.of(
            "sweep --ratios 0.3 --chunk-tokens 64 --chunk-counts 2 --trials 2 --warmup 1 --samples 2"
                .split(" ")));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aWorkerHasOneRequestAtATime(List<String> command) throws IOException {
    // One worker can have taken all of the few requests before the other one's thread has started.
    assertThat(mostInProgress(command)).contains(1).allMatch(count -> count <= 1);
  }

  @Test
  void loadHasSeveral() throws IOException {
    List<String> load = new ArrayList<>(List.of("load", "--concurrency", "8"));
    load.addAll(List.of("--requests", "60", "--slices", "1", "--max-new-tokens", "2"));
    load.addAll(List.of("--pool-chunks", "8", "--chunks", "2", "--chunk-tokens", "16"));

    assertThat(mostInProgress(load)).allMatch(count -> count > 1);
  }

  /** Runs a command with two workers; of each, the most requests at once. */
  private List<Integer> mostInProgress(List<String> command) throws IOException {
    try (MockWorker one = MockWorker.start(SCRIPT);
        MockWorker two = MockWorker.start(SCRIPT)) {
      List<String> arguments = new ArrayList<>(command);
      arguments.addAll(List.of("--worker", one.address(), "--worker", two.address()));
      arguments.addAll(List.of("--out", folder.resolve("out").toString()));
      Cli cli = Cli.run(arguments.toArray(String[]::new));

      assertThat(cli.exitCode()).as(cli.err()).isIn(0, 3, 4);
      return List.of(one.journal().mostInProgress(), two.journal().mostInProgress());
    }
  }
}
