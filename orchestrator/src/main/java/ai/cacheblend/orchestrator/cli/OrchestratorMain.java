package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.DatasetException;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.records.ResultsException;
import ai.cacheblend.orchestrator.records.SystemFacts;
import ai.cacheblend.orchestrator.run.RunFailedException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/**
 * Drives workers: {@code demo}, {@code generate}, {@code ttft}, {@code quality}, {@code sweep},
 * {@code gate}; and shows what they wrote: {@code report}, {@code compare}.
 */
public final class OrchestratorMain {
  private OrchestratorMain() {}

  @Command(
      name = "cacheblend",
      description = "Measures time to first token and answer quality of KV-cache reuse.",
      synopsisSubcommandLabel = "COMMAND")
  private static final class Root implements Runnable {
    @CommandLine.Spec CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "no command; use demo, generate, ttft, quality, sweep, gate, report or compare");
    }
  }

  public static void main(String[] arguments) {
    System.exit(run(Console.system(), arguments));
  }

  /** Runs one command; returns the exit code. */
  public static int run(Console console, String... arguments) {
    List<String> commandLine = List.of(arguments);
    CommandLine line =
        new CommandLine(new Root())
            .addSubcommand(new DemoCommand(console, commandLine))
            .addSubcommand(new GenerateCommand(console))
            .addSubcommand(new TtftCommand(console, commandLine))
            .addSubcommand(new QualityCommand(console, commandLine))
            .addSubcommand(new SweepCommand(console, commandLine))
            .addSubcommand(new GateCommand(console, commandLine))
            .addSubcommand(new ReportCommand())
            .addSubcommand(new CompareCommand(console))
            .setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8))
            .setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true)
            .setParameterExceptionHandler((e, args) -> badUsage(console, e))
            .setExecutionExceptionHandler((e, failed, result) -> failed(console, failed, e));
    line.getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().version(SystemFacts.version()));
    line.getSubcommands()
        .get("sweep")
        .getCommandSpec()
        .usageMessage()
        .footer(SweepCommand.footer());
    return line.execute(arguments);
  }

  private static int badUsage(Console console, CommandLine.ParameterException e) {
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    console.err().println(name + ": " + oneLine(e.getMessage()) + " (see " + name + " --help)");
    return ExitCode.USAGE;
  }

  private static int failed(Console console, CommandLine failed, Exception e) throws Exception {
    if (!expected(e)) {
      throw e;
    }
    console.err().println(failed.getCommandSpec().qualifiedName() + ": " + oneLine(e.getMessage()));
    return ExitCode.SOFTWARE;
  }

  /** What a user can mend; everything else is a fault of this program and shows its stack. */
  private static boolean expected(Exception e) {
    return e instanceof WorkerException
        || e instanceof PlanException
        || e instanceof RunFailedException
        || e instanceof DatasetException
        || e instanceof ResultsException
        || e instanceof LocalWorkerException
        || e instanceof UncheckedIOException;
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " | ");
  }
}
