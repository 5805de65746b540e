package ai.cacheblend.orchestrator.records;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Finds and reads finished runs. */
public final class ResultFolders {
  private static final String RESULT = "result.json";
  private static final String PLAN = "plan.json";
  private static final int FORMAT_VERSION = 2;

  private ResultFolders() {}

  /**
   * The run of {@code folder}, or those of the folders in it, by name: TTFT before quality, and a
   * sweep before its parts.
   *
   * @throws ResultsException if there is none, or one cannot be read
   */
  public static List<Run> read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new ResultsException(folder + " is not a folder; give the --out of a run");
    }
    if (Files.exists(folder.resolve(RESULT))) {
      return sorted(runs(folder));
    }
    List<Run> runs = new ArrayList<>();
    children(folder).stream()
        .filter(child -> Files.exists(child.resolve(RESULT)))
        .map(ResultFolders::runs)
        .forEach(runs::addAll);
    if (runs.isEmpty()) {
      throw new ResultsException(
          Files.exists(folder.resolve(PLAN))
              ? folder + " has no " + RESULT + ": the run has not ended; continue it with --resume"
              : folder + " has no " + RESULT + ", nor has a folder in it; give the --out of a run");
    }
    return sorted(runs);
  }

  private static List<Run> sorted(List<Run> runs) {
    return runs.stream().sorted(Comparator.comparingInt(ResultFolders::rank)).toList();
  }

  private static int rank(Run run) {
    if (run instanceof SweepRun) {
      return 0;
    }
    return run instanceof TtftRun ? 1 : 2;
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw new ResultsException("cannot read " + folder + ": " + e.getMessage());
    }
  }

  /** One, or a sweep and its parts. */
  private static List<Run> runs(Path folder) {
    Run run = run(folder);
    List<Run> runs = new ArrayList<>(List.of(run));
    if (run instanceof SweepRun sweep) {
      sweep.parts().forEach(part -> runs.add(run(folder.resolve(part))));
    }
    return runs;
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
      case "sweep" -> SweepRun.read(folder, result);
      default ->
          throw new ResultsException(
              result.place()
                  + " has benchmark '"
                  + benchmark
                  + "'; expected ttft, quality or sweep");
    };
  }
}
