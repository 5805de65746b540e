package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OrchestratorMainTest {
  private final TestConsole console = new TestConsole();

  @TempDir Path folder;

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
        "ttft --suffix-tokens 3 --suffix-fraction .5 | exclude each other; give one",
        "ttft --suffix-fraction 1.5                  | suffix-fraction is 1.5",
        "ttft --ratio -1                             | recompute_ratio is -1.0",
        "ttft --check-layer 0                        | check_layer is 0",
        "ttft --schedule 1=0.2 --ratio 0.1           | --schedule replaces",
        "ttft --selector best                        | selector is 'best'",
        "ttft --worker localhost                     | use HOST:PORT",
        "ttft --worker a:1 --model b                 | exclude each other; give one",
        "ttft --worker a:1 --device cpu              | --device applies to a local worker only",
        "ttft --resume                               | --resume needs --out",
        "ttft --overwrite                            | --overwrite needs --out",
        "ttft --out x --resume --overwrite           | exclude each other",
        "sweep --plan none                           | plan is none, which does not exist; give a"
            + " file or",
        "sweep --selectors best                      | selector is 'best'",
        "gate --arm full_prefill                     | arms has full_prefill twice",
        "gate --max-samples 0                        | samples is 0",
        "help bench                                  | bench",
        "quality --samples 0                         | samples is 0",
        "quality --arms all                          | arm is 'all'",
        "generate                                    | --request",
        "generate --worker a:1,b:2 --request x       | worker is given 2 times",
        "demo --trials 0                             | trials is 0",
        "report                                      | Missing required parameter: 'DIR'",
        "report somewhere                            | no output is given; give --out FILE",
        "compare one                                 | Missing required parameter: 'B'",
        "compare one other --fail-if ttft>5          | give ttft a limit in %",
      })
  void badUsageIsOneLineAndTwo(String commandLine, String message) {
    int exitCode = console.run(commandLine.isEmpty() ? new String[0] : commandLine.split(" +"));

    assertThat(exitCode).isEqualTo(2);
    assertThat(console.err()).contains(message).hasLineCount(1);
    assertThat(console.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo --out OUT              | 1 | CACHEBLEND_LAUNCHER",
        "ttft                        | 1 | CACHEBLEND_LAUNCHER",
        "quality                     | 1 | CACHEBLEND_LAUNCHER",
        "sweep                       | 1 | CACHEBLEND_LAUNCHER",
        "gate                        | 4 | CACHEBLEND_LAUNCHER",
        "ttft --worker 127.0.0.1:1   | 1 | worker 127.0.0.1:1: UNAVAILABLE",
        "quality --worker 127.0.0.1:1 | 1 | worker 127.0.0.1:1: UNAVAILABLE",
        "gate --worker 127.0.0.1:1   | 4 | worker 127.0.0.1:1: UNAVAILABLE",
        "generate --request missing  | 1 | missing does not exist",
        "quality --dataset ./missing | 1 | dataset is ./missing",
        "gate --dataset ./missing    | 4 | dataset is ./missing",
        "gate --prompt ./missing     | 4 | prompt template ./missing cannot be read",
        "report missing --out x.html | 1 | missing is not a",
        "compare missing missing     | 4 | missing is not a",
      })
  void failureIsOneLineAndItsStatus(String commandLine, int status, String message) {
    assertThat(console.run(commandLine.replace("OUT", folder.toString()).split(" +")))
        .isEqualTo(status);
    assertThat(console.err()).contains(message).hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ttft", "quality", "gate", "sweep", "load --rate 1", "demo"})
  void folderWithARunIsRefused(String command) throws IOException {
    Path run = Files.writeString(folder.resolve("result.json"), "an earlier run");

    int exitCode = console.run((command + " --worker 127.0.0.1:1 --out " + folder).split(" "));

    assertThat(exitCode).isEqualTo(2);
    assertThat(console.err())
        .hasLineCount(1)
        .contains(folder + ", which contains a run", "--resume", "--overwrite");
    assertThat(run).hasContent("an earlier run");
  }

  @Test
  void printsThePromptWithoutAWorker() {
    assertThat(console.run("quality", "--dataset", "pocketwiki", "--print-prompt")).isZero();
    assertThat(console.out())
        .contains("[[segment 0, ")
        .contains(", cached]]")
        .contains(", fresh]]");
  }

  @Test
  void unexpectedErrorIsReportedInOneLine() {
    Failures failures = new Failures(console.console());
    IllegalStateException fault = new IllegalStateException("two\nlines");

    int status =
        failures.handleExecutionException(
            fault, Commands.commandLine(console.console()).getSubcommands().get("ttft"), null);

    assertThat(status).isEqualTo(1);
    assertThat(console.err())
        .hasLineCount(1)
        .startsWith(
            "cacheblend ttft: unexpected error: java.lang.IllegalStateException: two | lines")
        .contains("OrchestratorMainTest")
        .contains("CACHEBLEND_STACK_TRACE=1");
  }
}
