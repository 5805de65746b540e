package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A plan from a file, or printed without running it. */
abstract class PlanOptions {

  /** For commands whose plans are files. */
  static final class OfFiles extends PlanOptions {
    @Option(
        names = "--plan",
        paramLabel = "FILE",
        description =
            "Plan, JSON; replaces the options that describe a run. Accepts the output of --dry-run, and"
                + " the plan.json or result.json of a run.")
    void plan(Path file) {
      plan = file;
    }
  }

  /** For commands that also have named plans. */
  static final class OfFilesAndNames extends PlanOptions {
    @Option(
        names = "--plan",
        paramLabel = "NAME|FILE",
        description =
            "Plan: one of the names below, which other options modify, or a JSON file, which replaces"
                + " the options that describe a run. Accepts the output of --dry-run, and the plan.json"
                + " or result.json of a run.")
    void plan(Path nameOrFile) {
      plan = nameOrFile;
    }

    /** The given plan if it is one of {@code names}. */
    Optional<String> name(List<String> names) {
      return Optional.ofNullable(plan).map(Path::toString).filter(names::contains);
    }
  }

  /** Options that are not part of a plan: workers, output, display. */
  private static final Set<String> NOT_OF_A_PLAN =
      Set.of(
          "--plan",
          "--dry-run",
          "--out",
          "--resume",
          "--overwrite",
          "--quiet",
          "--worker",
          "--model",
          "--device",
          "--call-timeout",
          "--verbose",
          "--print-prompt");

  Path plan;

  @Option(
      names = "--dry-run",
      description =
          "Print the plan and exit. Estimates the duration from a short calibration on the worker.")
  private boolean dryRun;

  /** Whether a plan is given. */
  boolean given() {
    return plan != null;
  }

  boolean dryRun() {
    return dryRun;
  }

  /** The file; rejects options that it replaces. */
  Optional<Path> file(CommandSpec spec) {
    if (plan != null) {
      for (OptionSpec option : spec.commandLine().getParseResult().matchedOptions()) {
        require(
            NOT_OF_A_PLAN.contains(option.longestName()),
            "--plan replaces " + option.longestName() + "; leave one of them out");
      }
    }
    return Optional.ofNullable(plan);
  }
}
