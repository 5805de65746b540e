package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.hub.HubException;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.dataset.DatasetException;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.records.RecordException;
import ai.cacheblend.orchestrator.run.RunFailedException;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Maps exceptions of a command to one line on stderr and an exit status. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
  private static final String STACK_TRACE = "CACHEBLEND_STACK_TRACE";

  private final Console console;

  Failures(Console console) {
    this.console = console;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    report(name, e.getMessage() + " (see " + name + " --help)");
    return ExitStatus.USAGE.code();
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine failed, ParseResult result) {
    report(failed.getCommandSpec().qualifiedName(), isExpected(e) ? e.getMessage() : unexpected(e));
    return ExitStatus.failure(failed.getCommand()).code();
  }

  private void report(String command, String message) {
    console.errorLine(command + ": " + message);
  }

  /** Whether the message describes a user-correctable error; otherwise it is a defect. */
  private static boolean isExpected(Exception e) {
    return e instanceof WorkerException
        || e instanceof PlanException
        || e instanceof RunFailedException
        || e instanceof DatasetException
        || e instanceof RecordException
        || e instanceof LocalWorkerException
        || e instanceof OutputException
        || e instanceof HubException
        || e instanceof UncheckedIOException;
  }

  private String unexpected(Exception e) {
    if (console.environment().containsKey(STACK_TRACE)) {
      e.printStackTrace(console.err());
    }
    StackTraceElement[] stack = e.getStackTrace();
    return "unexpected error: "
        + e
        + (stack.length == 0 ? "" : " at " + stack[0])
        + "; please report it with the output under "
        + STACK_TRACE
        + "=1";
  }
}
