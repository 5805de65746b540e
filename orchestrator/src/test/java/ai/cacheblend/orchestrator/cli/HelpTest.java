package ai.cacheblend.orchestrator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.plan.ArmSyntax;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class HelpTest {
  private static final int COLUMNS = 80;

  private final TestConsole console = new TestConsole();

  static Stream<String> commands() {
    return Stream.of(
        "demo",
        "pull",
        "generate",
        "ttft",
        "quality",
        "sweep",
        "gate",
        "load",
        "report",
        "compare",
        "plan-tiers");
  }

  @Test
  void listsEveryCommand() {
    assertThat(console.run("--help")).isZero();
    assertThat(console.out()).startsWith("Usage: cacheblend COMMAND [OPTION]...");
    commands().forEach(command -> assertThat(console.out()).contains("  " + command));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpTextsHaveACommonFormat(String command) {
    assertThat(console.run(command, "--help")).isZero();
    String help = console.out();

    assertThat(help).startsWith("Usage: cacheblend " + command + " ");
    assertThat(help).contains("\nExit status:\n").contains("\nExamples:\n");
    assertThat(help).contains("--help").contains("--version");
    assertThat(help.lines()).allMatch(line -> line.length() <= COLUMNS);
    assertThat(help).doesNotContain("${").doesNotContain("null");
    assertThat(console.err()).isEmpty();
  }

  /** The text of help is a format: a percent sign must be doubled. */
  @ParameterizedTest
  @MethodSource("commands")
  void helpTextsAreValidFormatStrings(String command) {
    CommandLine.Model.CommandSpec spec = spec(command);
    Stream.of(spec.usageMessage().description(), spec.usageMessage().footer())
        .flatMap(Stream::of)
        .forEach(line -> assertThat(String.format(line)).isNotNull());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void helpCommandEqualsHelpOption(String command) {
    TestConsole other = new TestConsole();

    assertThat(console.run("help", command)).isZero();
    assertThat(other.run(command, "--help")).isZero();
    assertThat(console.out()).isEqualTo(other.out());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void exampleLinesAreNotWrapped(String command) {
    String[] footer = spec(command).usageMessage().footer();
    console.run(command, "--help");

    for (String line : footer) {
      assertThat(console.out().lines()).contains(line.replace("%%", "%"));
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void printsTheVersion(String command) {
    assertThat(console.run(command, "--version")).isZero();
    assertThat(console.out()).startsWith("cacheblend ").hasLineCount(1);
    TestConsole root = new TestConsole();
    assertThat(root.run("--version")).isZero();
    assertThat(root.out()).isEqualTo(console.out());
  }

  @Test
  void optionsHaveOneNameAndOneLabel() {
    Map<String, Set<String>> namesByLongest = new HashMap<>();
    Map<String, Set<String>> letters = new HashMap<>();
    commands()
        .flatMap(command -> spec(command).options().stream())
        .forEach(
            option -> {
              namesByLongest
                  .computeIfAbsent(option.longestName(), name -> new TreeSet<>())
                  .add(List.of(option.names()).toString());
              letters
                  .computeIfAbsent(option.shortestName(), name -> new TreeSet<>())
                  .add(option.longestName());
            });

    assertThat(namesByLongest.values()).allMatch(names -> names.size() == 1);
    assertThat(letters.values()).allMatch(names -> names.size() == 1);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void optionTextsContainTheDefaults(String command) {
    for (OptionSpec option : spec(command).options()) {
      if (option.defaultValue() != null) {
        assertThat(String.join(" ", option.description()))
            .as(option.longestName())
            .contains("default: " + option.defaultValue());
      }
    }
  }

  @Test
  void listedArmFormsAreParsed() {
    console.run("ttft", "--help");

    ArmSyntax.forms().forEach(form -> assertThat(console.out().lines()).contains("  " + form));
    assertThat(console.out()).contains("prefix_caching");
  }

  @ParameterizedTest
  @CsvSource({
    "ttft, 0:done 1:failed 2:bad usage 5:incomplete",
    "quality, 0:done 1:failed 2:bad usage 5:incomplete",
    "load, 0:done 1:failed 2:bad usage 5:incomplete",
    "generate, 0:done 1:failed 2:bad usage",
    "gate, 0:pass 1:fail 2:bad usage 3:undecided 4:failed 5:incomplete",
    "compare, 0:compared 1:compared 2:bad usage 3:compared 4:failed"
  })
  void exitStatusesAreListed(String command, String expected) {
    console.run(command, "--help");
    List<String> list =
        console
            .out()
            .substring(console.out().indexOf("Exit status:"))
            .lines()
            .skip(1)
            .takeWhile(line -> !line.isBlank())
            .map(line -> line.strip().replaceFirst(" +", ":"))
            .toList();

    List<String> starts = List.of(expected.split(" (?=\\d)"));
    assertThat(list).hasSameSizeAs(starts);
    for (int i = 0; i < list.size(); i++) {
      assertThat(list.get(i)).startsWith(starts.get(i));
    }
  }

  private CommandLine.Model.CommandSpec spec(String command) {
    return Commands.commandLine(console.console()).getSubcommands().get(command).getCommandSpec();
  }
}
