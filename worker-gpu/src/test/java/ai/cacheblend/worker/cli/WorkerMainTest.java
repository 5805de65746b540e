package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class WorkerMainTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @CsvSource({
    "'', no command",
    "walk, walk",
    "worker, --model",
    "worker --model m --port 99999, --port is 99999",
    "worker --model m --device tpu, 'tpu'",
    "worker --model m --threads 0, --threads is 0",
    "worker --model m --queue 0, --queue is 0",
    "worker --model m --chunk-memory lots, 'lots'",
    "worker --model m --drain-seconds -1, --drain-seconds is -1",
    "worker --model m --wrong, --wrong"
  })
  void invalidUsageIsOneLineWithStatusTwo(String arguments, String part) {
    assertThat(execute(arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);

    assertThat(err.toString().lines()).singleElement().asString().contains(part);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void namesAFolderWithoutAModel() {
    assertThat(execute("worker", "--model", folder.toString())).isEqualTo(1);

    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("cacheblend worker: ")
        .contains(folder.toString(), "model.json");
  }

  @Test
  void namesADamagedManifest() throws IOException {
    Files.writeString(folder.resolve("model.json"), "{}");

    assertThat(execute("worker", "--model", folder.toString())).isEqualTo(1);

    assertThat(err.toString().lines()).singleElement().asString().contains("model.json");
  }

  @Test
  void manifestCannotControlTheTerminal() throws IOException {
    Files.writeString(folder.resolve("model.json"), "{\"format_\\u001b[2J\\u009b\": 1}");

    assertThat(execute("worker", "--model", folder.toString())).isEqualTo(1);
    assertThat(execute("worker", "--model", folder + "/\u001b[2J")).isEqualTo(1);
    assertThat(execute("worker", "--\u001b[2J")).isEqualTo(2);

    assertThat(err.toString())
        .hasLineCount(3)
        .contains("\\u001b[2J")
        .doesNotContain("\u001b", "\u009b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"worker", "export"})
  void helpHasTheFormatOfTheOtherCommands(String command) {
    assertThat(execute(command, "--help")).isZero();

    assertThat(out.toString())
        .startsWith("Usage: cacheblend " + command + " --")
        .contains("\nExit status:\n", "\nExamples:\n", "(default: ")
        .doesNotContain("Default:", "[]", "<", "${");
    assertThat(out.toString().lines()).allMatch(line -> line.length() <= 80);
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"worker", "export"})
  void versionGoesToStdout(String command) {
    assertThat(execute(command, "--version")).isZero();

    assertThat(out.toString()).startsWith("cacheblend ").hasLineCount(1);
  }

  private int execute(String... arguments) {
    CommandLine command = WorkerMain.commandLine();
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments);
  }
}
