package ai.cacheblend.orchestrator.cli;

/**
 * Runs benchmarks on workers: {@code demo}, {@code generate}, {@code ttft}, {@code quality}, {@code
 * sweep}, {@code gate}, {@code load}. Processes finished runs: {@code report}, {@code compare}.
 */
public final class OrchestratorMain {
  private OrchestratorMain() {}

  public static void main(String[] arguments) {
    System.exit(run(Console.system(), arguments));
  }

  /** Runs one command; returns its exit status. */
  public static int run(Console console, String... arguments) {
    return Commands.commandLine(console, arguments).execute(arguments);
  }
}
