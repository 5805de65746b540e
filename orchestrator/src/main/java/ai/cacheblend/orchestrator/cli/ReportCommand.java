package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.page.ReportFiles;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.records.SystemFacts;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows finished runs: one HTML page that opens offline, charts, tables.",
      "",
      "DIR is the --out of ttft, quality, sweep, gate or demo.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend report results --out report.html",
      "  cacheblend report results/ttft results/2wikimqa --charts charts --csv tables"
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", arity = "1..*", description = "Folders that runs wrote.")
  private List<Path> folders;

  @Option(names = "--out", paramLabel = "FILE", description = "The page, HTML.")
  private Path page;

  @Option(
      names = "--charts",
      paramLabel = "DIR",
      description = "Folder for each chart as an SVG file.")
  private Path charts;

  @Option(
      names = "--csv",
      paramLabel = "DIR",
      description = "Folder for figures and measurements as CSV.")
  private Path csv;

  @Override
  public Integer call() {
    Usage.checked(spec, this::outputs);
    ReportFiles files = new ReportFiles(folders);
    if (page != null) {
      files.page(page, SystemFacts.version());
    }
    if (charts != null) {
      files.charts(charts);
    }
    if (csv != null) {
      files.csv(csv);
    }
    return 0;
  }

  private boolean outputs() {
    PlanException.require(
        page != null || charts != null || csv != null,
        "nothing to write; give --out FILE, --charts DIR or --csv DIR");
    return true;
  }
}
