package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.csv.LoadCsv;
import ai.cacheblend.orchestrator.csv.QualityCsv;
import ai.cacheblend.orchestrator.csv.SweepCsv;
import ai.cacheblend.orchestrator.csv.TtftCsv;
import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.ResultFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes the files of a report. */
public final class ReportFiles {
  private final List<Path> folders;
  private final Optional<Path> baseline;
  private final List<NamedResult> runs;

  /** The runs of {@code folders}, in the same order. */
  public ReportFiles(List<Path> folders) {
    this(folders, Optional.empty());
  }

  /**
   * @param baseline folder of the earlier run or runs to overlay
   */
  public ReportFiles(List<Path> folders, Optional<Path> baseline) {
    this.folders = List.copyOf(folders);
    this.baseline = baseline;
    List<Result> all =
        folders.stream().flatMap(folder -> ResultFolder.read(folder).stream()).toList();
    List<Result> earlier =
        baseline.stream().flatMap(folder -> ResultFolder.read(folder).stream()).toList();
    this.runs = NamedResult.named(all, earlier);
  }

  /** One self-contained page. */
  public void page(Path file, String version) {
    Json.writeFile(file, ReportPage.render(runs, version, command(file)));
  }

  /** The command that regenerates the page. */
  private String command(Path file) {
    List<String> words = new ArrayList<>(List.of("cacheblend", "report"));
    folders.forEach(folder -> words.add(folder.toString()));
    baseline.ifPresent(folder -> words.addAll(List.of("--baseline", folder.toString())));
    words.addAll(List.of("--out", file.toString()));
    return ShellCommand.of(words);
  }

  /** Each chart as an SVG file. */
  public void charts(Path folder) {
    ArmStyles styles = new ArmStyles(runs.stream().map(NamedResult::run).toList());
    Stream<Chart> charts =
        Stream.concat(
            TradeOffs.of(runs, styles).stream(),
            runs.stream().flatMap(run -> RunCharts.of(run, styles).all().stream()));
    charts.forEach(chart -> Json.writeFile(folder.resolve(chart.id() + ".svg"), chart.file()));
  }

  /** Summary and measurements of each run as CSV. */
  public void csv(Path folder) {
    for (NamedResult run : runs) {
      Path summary = folder.resolve(run.name() + "-summary.csv");
      run.sweep()
          .forEach(
              sweep -> {
                Json.writeFile(summary, SweepCsv.points(sweep));
                Json.writeFile(
                    folder.resolve(run.name() + "-ranking.csv"), SweepCsv.ranking(sweep));
                if (!sweep.tiers().isEmpty()) {
                  Json.writeFile(folder.resolve(run.name() + "-tiers.csv"), SweepCsv.tiers(sweep));
                }
              });
      run.ttft()
          .forEach(
              ttft -> {
                Json.writeFile(summary, TtftCsv.summary(ttft));
                Json.writeFile(folder.resolve(run.name() + "-trials.csv"), TtftCsv.trials(ttft));
              });
      run.load()
          .forEach(
              load -> {
                Json.writeFile(summary, LoadCsv.levels(load));
                if (!load.summary().capacities().isEmpty()) {
                  Json.writeFile(
                      folder.resolve(run.name() + "-capacity.csv"), LoadCsv.capacities(load));
                }
                Json.writeFile(
                    folder.resolve(run.name() + "-requests.csv"), LoadCsv.requests(load));
              });
      run.quality()
          .forEach(
              quality -> {
                Json.writeFile(summary, QualityCsv.summary(quality));
                Json.writeFile(
                    folder.resolve(run.name() + "-answers.csv"), QualityCsv.answers(quality));
              });
    }
  }
}
