package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.hub.PullListener;
import ai.cacheblend.hub.PullProgress;
import ai.cacheblend.hub.Terminal;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.TerminalStream;
import ai.cacheblend.orchestrator.run.RunClock;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Streams and settings of a command.
 *
 * @param out results; control characters are escaped, as on {@code err}
 * @param err logs, progress, errors
 * @param progressStyle how progress is shown unless a command is quiet
 */
public record Console(
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    RunClock clock,
    Progress.Style progressStyle) {
  public Console {
    out = TerminalStream.over(out);
    err = TerminalStream.over(err);
  }

  static Console system() {
    return new Console(
        utf8(FileDescriptor.out),
        utf8(FileDescriptor.err),
        System.getenv(),
        RunClock.system(),
        Terminal.isStandardError(System.getenv()) ? Progress.Style.TERMINAL : Progress.Style.PLAIN);
  }

  /** Prints one line on stderr: a line break in the message could pass for another message. */
  void errorLine(String message) {
    err.println(TerminalStream.oneLine(message));
  }

  /** The same with another style of progress. */
  Console with(Progress.Style style) {
    return new Console(out, err, environment, clock, style);
  }

  /** Shows downloads. */
  PullListener downloads() {
    return new PullProgress(
        switch (progressStyle) {
          case SILENT -> PullProgress.Style.SILENT;
          case PLAIN -> PullProgress.Style.PLAIN;
          case TERMINAL -> PullProgress.Style.TERMINAL;
        },
        err,
        clock.ticker()::read);
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
