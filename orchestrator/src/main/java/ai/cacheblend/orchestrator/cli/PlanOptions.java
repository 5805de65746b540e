package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A plan that is given whole, or only printed. */
abstract class PlanOptions {

  /** Plans are files. */
  static final class OfFiles extends PlanOptions {
    @Option(
        names = "--plan",
        paramLabel = "FILE",
        description =
            "Plan, JSON; replaces the options that describe a run. Takes what --dry-run prints, and"
                + " the plan.json or result.json of a run.")
    void plan(Path file) {
      plan = file;
    }
  }

  /** Plans are files, or have names. */
  static final class OfFilesAndNames extends PlanOptions {
    @Option(
        names = "--plan",
        paramLabel = "NAME|FILE",
        description =
            "Plan: one of the names below, which other options modify, or a JSON file, which replaces"
                + " the options that describe a run. Takes what --dry-run prints, and the plan.json"
                + " or result.json of a run.")
    void plan(Path nameOrFile) {
      plan = nameOrFile;
    }

    /** One of {@code names}, if that was given instead of a file. */
    Optional<String> name(List<String> names) {
      return Optional.ofNullable(plan).map(Path::toString).filter(names::contains);
    }
  }

  /** Options that do not describe a run: who runs it, where results go, what is shown. */
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
          "Print the plan, and an estimate of the duration from a short calibration on the worker.")
  private boolean dryRun;

  boolean dryRun() {
    return dryRun;
  }

  /** The file; refuses options that it replaces. */
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
