package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.report.Progress;
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
      names = {"-q", "--quiet"},
      description = "No progress on stderr.")
  private boolean quiet;

  Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }

  Progress.Style style(Console console) {
    return quiet ? Progress.Style.SILENT : console.progressStyle();
  }
}
