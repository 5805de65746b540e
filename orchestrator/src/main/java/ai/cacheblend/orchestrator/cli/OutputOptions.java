package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.console.Progress;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where results go, and how much is told meanwhile. */
final class OutputOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for result.json and one record per trial or sample.")
  private Path folder;

  @Option(
      names = "--resume",
      description = {
        "Go on with the interrupted run in --out, behind its last whole block. Plan, model, device",
        "and data must be the same: give the same options, or --plan DIR/plan.json.",
      })
  private boolean resume;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress on stderr.")
  private boolean quiet;

  Output output(Console console) {
    require(!resume || folder != null, "--resume: give the run's folder with --out");
    return new Output(
        Optional.ofNullable(folder),
        resume,
        quiet ? Progress.Style.SILENT : console.progressStyle());
  }
}
