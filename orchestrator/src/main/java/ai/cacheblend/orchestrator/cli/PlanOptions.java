package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A plan from a file, and a plan that is only shown. */
final class PlanOptions {
  /** What does not belong to a plan: who carries it out, what becomes of it, where data is. */
  private static final Set<String> BESIDE_A_PLAN =
      Set.of(
          "--plan",
          "--dry-run",
          "--out",
          "--resume",
          "--quiet",
          "--worker",
          "--model",
          "--device",
          "--call-timeout",
          "--verbose",
          "--prompt",
          "--print-prompt",
          "--max-prompt-characters");

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description =
          "The plan, JSON, in place of the options that make one: as --dry-run prints it, or a"
              + " plan.json or result.json.")
  private Path plan;

  @Option(
      names = "--dry-run",
      description =
          "Print the plan and, from a short calibration on the worker, how long it would take.")
  private boolean dryRun;

  boolean dryRun() {
    return dryRun;
  }

  /** One of {@code names}, if that is what was given instead of a file. */
  Optional<String> name(List<String> names) {
    return Optional.ofNullable(plan).map(Path::toString).filter(names::contains);
  }

  /** The file; refuses options that it replaces. */
  Optional<Path> file(CommandSpec spec) {
    if (plan != null) {
      for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
        require(
            BESIDE_A_PLAN.contains(option.longestName()),
            "--plan replaces " + option.longestName() + "; leave one of them out");
      }
    }
    return Optional.ofNullable(plan);
  }
}
