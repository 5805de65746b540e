package ai.cacheblend.orchestrator.records;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Finds and reads finished runs. */
public final class ResultFolder {

  private ResultFolder() {}

  /**
   * Reads the run of {@code folder}, or the runs of its subfolders: a sweep before its parts, then
   * TTFT, then load, then quality, each by folder name.
   *
   * @throws RecordException if there is no finished run, or one cannot be read
   */
  public static List<Result> read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new RecordException(folder + " is not a directory; give the --out directory of a run");
    }
    if (Files.exists(folder.resolve(RecordFolder.RESULT))) {
      return sorted(results(folder));
    }
    List<Result> runs = new ArrayList<>();
    children(folder).stream()
        .filter(child -> Files.exists(child.resolve(RecordFolder.RESULT)))
        .map(ResultFolder::results)
        .forEach(runs::addAll);
    if (runs.isEmpty()) {
      throw new RecordException(
          Files.exists(folder.resolve(PlanFile.NAME))
              ? folder
                  + " has no "
                  + RecordFolder.RESULT
                  + ": the run is not finished; continue it with --resume"
              : folder
                  + " has no "
                  + RecordFolder.RESULT
                  + ", neither do its subdirectories; give the --out directory of a run");
    }
    return sorted(runs);
  }

  private static List<Result> sorted(List<Result> runs) {
    return runs.stream().sorted(Comparator.comparingInt(ResultFolder::rank)).toList();
  }

  private static int rank(Result run) {
    if (run instanceof SweepResult) {
      return 0;
    }
    if (run instanceof TtftResult) {
      return 1;
    }
    return run instanceof LoadResult ? 2 : 3;
  }

  private static List<Path> children(Path folder) {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw new RecordException("cannot read " + folder + ": " + e.getMessage());
    }
  }

  /** One result, or a sweep and its parts. */
  private static List<Result> results(Path folder) {
    Result run = result(folder);
    List<Result> runs = new ArrayList<>(List.of(run));
    if (run instanceof SweepResult sweep) {
      sweep.parts().forEach(part -> runs.add(result(folder.resolve(part))));
    }
    return runs;
  }

  private static Result result(Path folder) {
    JsonValue json = JsonValue.file(folder.resolve(RecordFolder.RESULT));
    RecordFormat.require(json);
    String benchmark = json.text("benchmark");
    return switch (benchmark) {
      case "ttft" -> TtftResultFile.read(folder, json);
      case "quality" -> QualityResultFile.read(folder, json);
      case "sweep" -> SweepResultFile.read(folder, json);
      case "load" -> LoadResultFile.read(folder, json);
      default ->
          throw new RecordException(
              json.place()
                  + ": benchmark is "
                  + benchmark
                  + "; this version reads ttft, quality, sweep and load");
    };
  }
}
