package ai.cacheblend.orchestrator.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds and reads finished runs. */
public final class ResultFolders {
  private static final String RESULT = "result.json";
  private static final String PLAN = "plan.json";
  private static final int FORMAT_VERSION = 2;

  private ResultFolders() {}

  /**
   * The run of {@code folder}, or those of the folders in it, by name: TTFT before quality.
   *
   * @throws ResultsException if there is none, or one cannot be read
   */
  public static List<Run> read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ResultsException(folder + " is not a folder; give the --out of a run");
    }
    if (Files.exists(folder.resolve(RESULT))) {
      return List.of(run(folder));
    }
    List<Run> runs = new ArrayList<>();
    children(folder).stream()
        .filter(child -> Files.exists(child.resolve(RESULT)))
        .map(ResultFolders::run)
        .forEach(runs::add);
    if (runs.isEmpty()) {
      throw new ResultsException(
          Files.exists(folder.resolve(PLAN))
              ? folder + " has no " + RESULT + ": the run has not ended; continue it with --resume"
              : folder + " has no " + RESULT + ", nor has a folder in it; give the --out of a run");
    }
    runs.sort((a, b) -> Boolean.compare(a instanceof QualityRun, b instanceof QualityRun));
    return runs;
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw new ResultsException("cannot read " + folder + ": " + e.getMessage());
    }
  }

  private static Run run(Path folder) {
    JsonSource result = JsonSource.file(folder.resolve(RESULT));
    int version = result.integer("format_version");
    if (version != FORMAT_VERSION) {
      throw new ResultsException(
          result.place()
              + " has format_version "
              + version
              + ", this version reads "
              + FORMAT_VERSION
              + "; run the benchmark again");
    }
    String benchmark = result.text("benchmark");
    return switch (benchmark) {
      case "ttft" -> TtftRun.read(folder, result);
      case "quality" -> QualityRun.read(folder, result);
      default ->
          throw new ResultsException(
              result.place() + " has benchmark '" + benchmark + "'; expected ttft or quality");
    };
  }
}
