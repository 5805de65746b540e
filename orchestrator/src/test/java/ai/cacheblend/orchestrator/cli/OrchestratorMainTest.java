package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.run.RunClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OrchestratorMainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                                          | no command",
        "bench                                       | bench",
        "ttft --bogus                                | Unknown option: '--bogus'",
        "ttft --trials 0                             | trials is 0",
        "ttft --trials many                          | 'many' is not an int",
        "ttft --lengths 33                           | use 34 or more",
        "ttft --lengths 64,64                        | twice",
        "ttft --suffix-tokens 3 --suffix-fraction .5 | give one of them",
        "ttft --suffix-fraction 1.5                  | suffix-fraction is 1.5",
        "ttft --ratio -1                             | recompute_ratio is -1.0",
        "ttft --check-layer 0                        | check_layer is 0",
        "ttft --schedule 1=0.2 --ratio 0.1           | --schedule replaces",
        "ttft --selector best                        | selector is 'best'",
        "ttft --worker localhost                     | write HOST:PORT",
        "ttft --worker a:1 --model b                 | give one of them",
        "quality --samples 0                         | samples is 0",
        "quality --arms all                          | arm is 'all'",
        "generate                                    | --request",
        "generate --worker a:1,b:2 --request x       | give one",
        "demo --trials 0                             | trials is 0",
        "report                                      | Missing required parameter: 'DIR'",
        "report somewhere                            | nothing to write; give --out FILE",
        "compare one                                 | Missing required parameter: 'B'",
        "compare one other --fail-if ttft>5          | give ttft a limit in %",
      })
  void badUsageIsOneLineAndTwo(String commandLine, String message) {
    int exitCode = run(commandLine.isEmpty() ? new String[0] : commandLine.split(" +"));

    assertThat(exitCode).isEqualTo(2);
    assertThat(text(err)).contains(message).hasLineCount(1);
    assertThat(text(out)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"demo", "generate", "ttft", "quality", "report", "compare"})
  void helpShowsDefaultsAndExamples(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(text(out)).contains("Examples:").contains("cacheblend " + command);
    assertThat(text(err)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ttft                        | CACHEBLEND_LAUNCHER",
        "generate --request missing  | missing does not exist",
        "quality --dataset ./missing | missing",
        "report missing --out x.html | missing is not a folder",
        "compare missing missing     | missing is not a folder",
      })
  void aFailureIsOneLineAndOne(String commandLine, String message) {
    assertThat(run(commandLine.split(" +"))).isEqualTo(1);
    assertThat(text(err)).contains(message).hasLineCount(1);
  }

  @Test
  void thePromptIsShownWithoutAWorker() {
    assertThat(run("quality", "--dataset", "pocketwiki", "--print-prompt")).isZero();
    assertThat(text(out)).contains("[[segment 0, ").contains(", cached]]").contains(", fresh]]");
  }

  private int run(String... arguments) {
    return OrchestratorMain.run(
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            RunClock.system(),
            Progress.Style.SILENT),
        arguments);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
