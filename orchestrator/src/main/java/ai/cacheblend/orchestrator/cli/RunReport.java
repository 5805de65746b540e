package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.host.Build;
import ai.cacheblend.orchestrator.client.WorkerException;
import ai.cacheblend.orchestrator.page.ReportFiles;
import ai.cacheblend.orchestrator.records.Example;
import ai.cacheblend.orchestrator.records.ExampleFile;
import ai.cacheblend.orchestrator.records.RecordFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** Writes the example prompts and the page of a finished run. */
final class RunReport {
  private RunReport() {}

  /**
   * Writes {@code example.json} and {@code report.html}.
   *
   * @param examples calls a worker; if the worker is lost, the run has no example prompt
   */
  static void write(Console console, Path folder, Supplier<List<Example>> examples) {
    ExampleFile.write(folder, recorded(console, examples));
    page(folder);
  }

  private static List<Example> recorded(Console console, Supplier<List<Example>> examples) {
    try {
      return examples.get();
    } catch (WorkerException e) {
      console.errorLine("no example prompt: " + e.getMessage());
      return List.of();
    }
  }

  /** Prints the path of the page, if results are kept. */
  static void announce(Console console, Output output) {
    output.folder().ifPresent(folder -> console.out().println("\npage: " + pageOf(folder)));
  }

  static Path pageOf(Path folder) {
    return folder.resolve(RecordFolder.PAGE);
  }

  /** The page of a run, or of the runs in a folder. */
  static void page(Path folder) {
    new ReportFiles(List.of(folder)).page(pageOf(folder), Build.currentVersion());
  }
}
