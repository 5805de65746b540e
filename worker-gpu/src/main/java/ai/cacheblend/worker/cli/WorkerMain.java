package ai.cacheblend.worker.cli;

import ai.cacheblend.host.Build;
import ai.cacheblend.hub.TokenizerLibrary;
import ai.cacheblend.hub.UserDirectories;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Exit codes: 0 success, 1 failure, 2 invalid usage. A failure is one line on stderr. */
@Command(
    name = "cacheblend",
    description = "Exports models and serves them over gRPC.",
    mixinStandardHelpOptions = true,
    subcommands = {WorkerCommand.class, ExportCommand.class})
public final class WorkerMain implements Runnable {
  @Spec private CommandSpec spec;

  private WorkerMain() {}

  public static void main(String[] arguments) {
    TokenizerLibrary.configure(System.getenv(), UserDirectories.ofProcess());
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine main = new CommandLine(new WorkerMain());
    for (CommandLine command : main.getSubcommands().values()) {
      command.getCommandSpec().version("cacheblend " + Build.currentVersion());
    }
    return main.setParameterExceptionHandler(WorkerMain::badUsage)
        .setExecutionExceptionHandler(WorkerMain::failed);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given; expected worker or export");
  }

  private static int badUsage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().printf("%s: %s (see %1$s --help)%n", name, oneLine(e.getMessage()));
    return ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine command, CommandLine.ParseResult result) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    command.getErr().printf("%s: %s%n", command.getCommandSpec().qualifiedName(), oneLine(message));
    return ExitCode.SOFTWARE;
  }

  private static String oneLine(String message) {
    return LogEscape.escape(message.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
