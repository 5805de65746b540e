package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.host.Build;
import ai.cacheblend.orchestrator.page.ReportFiles;
import ai.cacheblend.orchestrator.plan.PlanException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
    customSynopsis = "cacheblend report [OPTION]... DIR...",
    description = {
      "Writes finished runs as one self-contained HTML page, as SVG charts, and as CSV.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend report results --out report.html",
      "  cacheblend report after --baseline before --out report.html",
      "  cacheblend report results/ttft results/2wikimqa --charts charts --csv tables"
    })
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DIR",
      arity = "1..*",
      description = "Output folder (--out) of ttft, quality, sweep, gate, load or demo.")
  private List<Path> folders;

  @Option(names = "--out", paramLabel = "FILE", description = "File for the page, HTML.")
  private Path page;

  @Option(
      names = "--baseline",
      paramLabel = "DIR",
      description = "Earlier run, or folder of earlier runs, that the page shows beside each run.")
  private Path baseline;

  @Option(
      names = "--charts",
      paramLabel = "DIR",
      description = "Folder for one SVG file per chart.")
  private Path charts;

  @Option(
      names = "--csv",
      paramLabel = "DIR",
      description = "Folder for summaries and measurements as CSV.")
  private Path csv;

  @Override
  public Integer call() {
    Usage.checked(spec, this::outputs);
    ReportFiles files = new ReportFiles(folders, Optional.ofNullable(baseline));
    if (page != null) {
      files.page(page, Build.currentVersion());
    }
    if (charts != null) {
      files.charts(charts);
    }
    if (csv != null) {
      files.csv(csv);
    }
    return ExitStatus.DONE.code();
  }

  private boolean outputs() {
    PlanException.require(
        page != null || charts != null || csv != null,
        "no output is given; give --out FILE, --charts DIR or --csv DIR");
    return true;
  }
}
