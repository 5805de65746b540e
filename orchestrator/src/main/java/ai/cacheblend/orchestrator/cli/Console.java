package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.console.TerminalStream;
import ai.cacheblend.orchestrator.run.RunClock;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
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
        stderrIsTerminal() ? Progress.Style.TERMINAL : Progress.Style.PLAIN);
  }

  /** Prints one line on stderr: a line break in the message could pass for another message. */
  void errorLine(String message) {
    err.println(TerminalStream.oneLine(message));
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** {@link System#console} covers stdin and stdout only. */
  private static boolean stderrIsTerminal() {
    if (System.getenv().getOrDefault("TERM", "dumb").equals("dumb")) {
      return false;
    }
    try {
      Process test =
          new ProcessBuilder("test", "-t", "2")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return test.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
