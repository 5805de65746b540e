package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.console.TierPlanTable;
import ai.cacheblend.orchestrator.page.chart.TierPlanChart;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.RecordException;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.records.TtftResult;
import ai.cacheblend.orchestrator.tiers.TierPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "plan-tiers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "cacheblend plan-tiers [OPTION]... DIR",
    description = {
      "Predicts from which bandwidth it pays off to load stored KV from a storage, for the model"
          + " and the device of a TTFT run.",
      "",
      "The run must have full prefill and an arm that reuses chunks. KV is loaded layer by layer"
          + " while earlier layers compute. No worker is used.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend plan-tiers results --bandwidth 1.5,12,55 --chart tiers.svg"
    })
final class PlanTiersCommand implements Callable<Integer> {
  private static final double BYTES_PER_GB = 1e9;
  private static final double MAX_GB_PER_SECOND = 10_000;

  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Output folder (--out) of ttft.")
  private Path folder;

  @Option(
      names = "--arm-name",
      paramLabel = "NAME",
      description = "Arm of the run (default: cacheblend, or the first arm that blends).")
  private String arm;

  @Option(
      names = "--bandwidth",
      paramLabel = "GB/S",
      split = ",",
      defaultValue = "1,3,5,12,25,55",
      description = "Bandwidths to predict for, in GB/s (default: ${DEFAULT-VALUE}).")
  private List<Double> bandwidths;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "File for a chart of the speed-up by bandwidth, SVG.")
  private Path chart;

  @Mixin private TableOptions tables;

  PlanTiersCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<Double> rates = Usage.checked(spec, this::bytesPerSecond);
    TtftResult run =
        ResultFolder.read(folder).stream()
            .filter(TtftResult.class::isInstance)
            .map(TtftResult.class::cast)
            .findFirst()
            .orElseThrow(
                () -> new RecordException(folder + " has no TTFT run; give the --out of ttft"));
    TierPlan plan = TierPlan.of(run, Optional.ofNullable(arm));
    console.out().print(TierPlanTable.render(plan, rates, tables.columns()));
    if (chart != null) {
      Json.writeFile(chart, TierPlanChart.of(plan).file());
    }
    return ExitStatus.DONE.code();
  }

  private List<Double> bytesPerSecond() {
    for (double bandwidth : bandwidths) {
      PlanException.require(
          bandwidth > 0 && bandwidth <= MAX_GB_PER_SECOND,
          "--bandwidth is " + bandwidth + "; set it to more than 0 GB/s, for example 12");
    }
    return bandwidths.stream().sorted().map(bandwidth -> bandwidth * BYTES_PER_GB).toList();
  }
}
