package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.console.Progress;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Destination of the results, and display of progress. */
final class OutputOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Folder for result.json, report.html and one record per trial, sample or request.")
  private Path folder;

  @Option(
      names = "--resume",
      description =
          "Continue the interrupted run in --out after its last complete block. Plan, model, device"
              + " and data must be the same: repeat the options, or give --plan DIR/plan.json.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Replace the run in --out.")
  private boolean overwrite;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress on stderr.")
  private boolean quiet;

  @Mixin private TableOptions tables;

  /** Checks the options. */
  Output output(Console console) {
    return output(console, Optional.ofNullable(folder));
  }

  /** The output, with a default folder for runs without {@code --out}. */
  Output output(Console console, Path defaultFolder) {
    return output(console, Optional.of(folder == null ? defaultFolder : folder));
  }

  private Output output(Console console, Optional<Path> to) {
    require(!resume || folder != null, "--resume needs --out, the folder of the run");
    require(!overwrite || folder != null, "--overwrite needs --out, the folder of the run");
    require(!resume || !overwrite, "--resume and --overwrite exclude each other; give one");
    return new Output(
        to, resume, quiet ? Progress.Style.SILENT : console.progressStyle(), tables.columns());
  }

  /** Locks the folder of {@code output}, if it has one and this is not a dry run. */
  OutputFolder open(Output output, PlanOptions plans) {
    return plans.dryRun() ? OutputFolder.none() : open(output);
  }

  /** Locks the folder of {@code output}, if it has one. */
  OutputFolder open(Output output) {
    return output.folder().map(to -> OutputFolder.open(to, mode())).orElse(OutputFolder.none());
  }

  /** A default folder is replaced without {@code --overwrite}: the user did not choose it. */
  private OutputFolder.Mode mode() {
    if (resume) {
      return OutputFolder.Mode.RESUME;
    }
    return overwrite || folder == null ? OutputFolder.Mode.OVERWRITE : OutputFolder.Mode.NEW;
  }
}
