package ai.cacheblend.integration;

import ai.cacheblend.orchestrator.cli.Console;
import ai.cacheblend.orchestrator.cli.OrchestratorMain;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.run.RunClock;
import com.google.common.base.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;

/** Runs a command of the orchestrator in this process. */
record Cli(int exitCode, String out, String err) {

  static Cli run(String... arguments) {
    return run(Map.of(), arguments);
  }

  /** Measures with {@code clock}. */
  static Cli run(Ticker clock, String... arguments) {
    return run(clock, Map.of(), arguments);
  }

  static Cli run(Map<String, String> environment, String... arguments) {
    return run(Ticker.systemTicker(), environment, arguments);
  }

  private static Cli run(Ticker clock, Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        OrchestratorMain.run(
            new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                environment,
                new RunClock(clock, InstantSource.system()),
                Progress.Style.PLAIN),
            arguments);
    return new Cli(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The last line of stderr: the error of a failed command. */
  String error() {
    return err.lines().reduce("", (before, line) -> line);
  }
}
