package ai.cacheblend.orchestrator.page;

import ai.cacheblend.orchestrator.csv.QualityCsv;
import ai.cacheblend.orchestrator.csv.SweepCsv;
import ai.cacheblend.orchestrator.csv.TtftCsv;
import ai.cacheblend.orchestrator.page.chart.ArmStyles;
import ai.cacheblend.orchestrator.page.chart.Chart;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.ResultFolder;
import java.nio.file.Path;
import java.util.List;

/** Writes the page, the charts and the CSV files of a report. */
public final class ReportFiles {
  private final List<NamedResult> runs;

  /** The runs of {@code folders}, in their order. */
  public ReportFiles(List<Path> folders) {
    List<Result> all =
        folders.stream().flatMap(folder -> ResultFolder.read(folder).stream()).toList();
    this.runs = NamedResult.named(all);
  }

  /** One self-contained page. */
  public void page(Path file, String version) {
    Json.writeFile(file, ReportPage.render(runs, version));
  }

  /** Each chart as an SVG file. */
  public void charts(Path folder) {
    ArmStyles styles = new ArmStyles(runs.stream().map(NamedResult::run).toList());
    for (NamedResult run : runs) {
      for (Chart chart : RunCharts.of(run, styles).all()) {
        Json.writeFile(folder.resolve(chart.id() + ".svg"), chart.file());
      }
    }
  }

  /** Summary and measurements of each run as CSV. */
  public void csv(Path folder) {
    for (NamedResult run : runs) {
      Path summary = folder.resolve(run.name() + "-summary.csv");
      run.sweep().forEach(sweep -> Json.writeFile(summary, SweepCsv.points(sweep)));
      run.ttft()
          .forEach(
              ttft -> {
                Json.writeFile(summary, TtftCsv.summary(ttft));
                Json.writeFile(folder.resolve(run.name() + "-trials.csv"), TtftCsv.trials(ttft));
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
