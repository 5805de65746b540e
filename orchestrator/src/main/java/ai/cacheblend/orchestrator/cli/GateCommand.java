package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.metrics.NonInferiority;
import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.Gate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Is blending safe for this model and data?",
      "",
      "Full prefill and the arm answer sample after sample until the paired interval of the loss lies"
          + " below the margin (pass) or above it (fail), or the samples are spent (undecided). The"
          + " interval is looked at after 25, 50, 100, ... samples, at a level that allows for so"
          + " many looks.",
      ""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {" 0:pass", " 1:fail, or it could not be run", " 2:bad usage", " 3:undecided"},
    footer = {
      "",
      "Examples:",
      "  cacheblend gate --worker gpu1:50051 --dataset 2wikimqa --margin 0.03",
      "  cacheblend gate --dataset pocketwiki --arm cacheblend@0.5 --margin 0.1 --max-samples 200"
    })
final class GateCommand implements Callable<Integer> {
  private static final int UNDECIDED = 3;

  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--arm",
      paramLabel = "ARM",
      defaultValue = "cacheblend",
      description =
          "The arm to judge, as --arms of quality writes it (default: ${DEFAULT-VALUE}, that is 15 %%"
              + " by value deviation at layer 1).")
  private String arm;

  @Option(
      names = "--max-samples",
      paramLabel = "N",
      defaultValue = "400",
      description = "At most so many samples (default: ${DEFAULT-VALUE}).")
  private int maxSamples;

  @Mixin private QualityOptions quality;
  @Mixin private PlanOptions plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  GateCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    Optional<QualityPlan> given =
        Usage.checked(
            spec, () -> plans.file(spec).map(file -> PlanReader.quality(file, workers.names())));
    List<NamedArm> arms =
        Usage.checked(
            spec,
            () -> ArmSyntax.parseAll("full_prefill," + arm, ArmDefaults.seed(quality.seed())));
    List<String> names = Usage.checked(spec, workers::names);
    QualityTask task =
        Datasets.load(
            given.map(PlannedData::dataset).orElse(quality.dataset()),
            Usage.checked(spec, () -> datasetOptions(given)));
    QualityPlan plan =
        Usage.checked(
            spec,
            () ->
                given
                    .map(of -> PlannedData.require(of, task))
                    .orElseGet(() -> quality.plan(task, arms, names)));
    Gate gate = Usage.checked(spec, () -> new Gate(plan));
    GateReporting reporting =
        new GateReporting(console, Usage.checked(spec, () -> output.output(console)), commandLine);
    try (WorkerSession session = workers.open(console, ArmOptions.checkLayers(plan.arms()))) {
      if (plans.dryRun()) {
        Calibration.Estimate all =
            session.with(fleet -> Calibration.of(plan, task, fleet, console.clock()));
        DryRun.print(
            console,
            PlanJson.of(plan),
            all.orAfter((double) gate.looks().get(0) / plan.samples()),
            "by how soon it is decided");
        return 0;
      }
      return exitCode(session.with(fleet -> reporting.run(plan, task, fleet)));
    }
  }

  private DatasetOptions datasetOptions(Optional<QualityPlan> given) {
    return quality.datasetOptions(
        given.map(QualityPlan::samples).orElse(maxSamples),
        given.map(QualityPlan::seed).orElse(quality.seed()));
  }

  private static int exitCode(NonInferiority verdict) {
    return switch (verdict) {
      case NON_INFERIOR -> 0;
      case INFERIOR -> 1;
      case UNDECIDED -> UNDECIDED;
    };
  }
}
