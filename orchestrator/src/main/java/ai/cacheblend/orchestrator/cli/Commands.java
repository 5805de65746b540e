package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.host.Build;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import com.google.common.collect.ObjectArrays;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: all commands, with a common format of help texts and errors. */
final class Commands {
  private static final int HELP_WIDTH = 80;

  private Commands() {}

  @Command(
      name = "cacheblend",
      mixinStandardHelpOptions = true,
      customSynopsis = "cacheblend COMMAND [OPTION]...",
      description =
          "Measures time to first token, answer quality and throughput of KV-cache reuse.",
      footer = {"", "cacheblend help COMMAND shows the options of a command."})
  private static final class Root implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
      String names =
          spec.subcommands().keySet().stream()
              .filter(name -> !name.equals("help"))
              .collect(Collectors.joining(", "));
      throw new ParameterException(spec.commandLine(), "no command; use one of " + names);
    }
  }

  static CommandLine commandLine(Console console, String... arguments) {
    List<String> words = List.of(arguments);
    CommandLine line =
        new CommandLine(new Root())
            .addSubcommand(new DemoCommand(console, words))
            .addSubcommand(new PullCommand(console))
            .addSubcommand(new GenerateCommand(console))
            .addSubcommand(new TtftCommand(console, words))
            .addSubcommand(new QualityCommand(console, words))
            .addSubcommand(new SweepCommand(console, words))
            .addSubcommand(new GateCommand(console, words))
            .addSubcommand(new LoadCommand(console, words))
            .addSubcommand(new ReportCommand())
            .addSubcommand(new CompareCommand(console))
            .addSubcommand(new PlanTiersCommand(console))
            .addSubcommand(new HelpCommand())
            .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpWidth(HELP_WIDTH);
    Failures failures = new Failures(console);
    line.setParameterExceptionHandler(failures).setExecutionExceptionHandler(failures);
    format(line);
    line.getSubcommands().values().forEach(Commands::format);
    return line;
  }

  private static void format(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    spec.version("cacheblend " + Build.currentVersion());
    spec.usageMessage()
        .synopsisHeading("Usage: ")
        .exitCodeListHeading("%nExit status:%n")
        .exitCodeList(ExitStatus.help(spec.userObject()));
    if (command.getCommand() instanceof SweepCommand) {
      spec.usageMessage().footer(SweepCommand.footer());
    }
    if (spec.findOption("--arms") != null || spec.findOption("--arm") != null) {
      spec.usageMessage()
          .footer(ObjectArrays.concat(armForms(), spec.usageMessage().footer(), String.class));
    }
  }

  private static String[] armForms() {
    List<String> lines = new ArrayList<>(List.of("", "Arms:"));
    ArmSyntax.forms().forEach(form -> lines.add("  " + form));
    lines.add("SHARE is the share of cached rows to recompute.");
    return lines.toArray(String[]::new);
  }
}
