package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.metrics.Verdict;
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
      "Tests whether an arm loses less than a margin of mean score against full prefill.",
      "",
      "Full prefill and the arm answer every sample. After each sample a sequential test decides: pass"
          + " (the loss is smaller than the margin), fail (it is larger), or go on. Either decision is"
          + " wrong with probability 5 % at most, for any distribution of scores. A margin of 0.02"
          + " needs 195 samples if no score differs.",
      "The verdict is \"cannot judge\" if full prefill is not shown to score more than twice the margin,"
          + " if half of its answers are empty, or if there are too few samples for the margin.",
      ""
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      " 0:pass",
      " 1:fail, or the run failed",
      " 2:bad usage",
      " 3:undecided, or cannot judge"
    },
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
          "Arm to test, in the syntax of --arms of quality (default: ${DEFAULT-VALUE}, which"
              + " recomputes 15 %% of the rows by value deviation at layer 1).")
  private String arm;

  @Option(
      names = "--max-samples",
      paramLabel = "N",
      defaultValue = "400",
      description = "Maximum number of samples (default: ${DEFAULT-VALUE}).")
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
    Usage.checked(spec, () -> new Gate(plan));
    GateReporting reporting =
        new GateReporting(console, Usage.checked(spec, () -> output.output(console)), commandLine);
    try (WorkerSession session = workers.open(console, ArmOptions.checkLayers(plan.arms()))) {
      if (plans.dryRun()) {
        Calibration.Estimate all =
            session.with(fleet -> Calibration.of(plan, task, fleet, console.clock()));
        DryRun.print(
            console,
            PlanJson.of(plan),
            all.orAfter(
                Math.min(
                    1, (double) NonInferiorityRule.samplesToPass(plan.margin()) / plan.samples())),
            "depending on when the test decides");
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

  private static int exitCode(Verdict verdict) {
    return switch (verdict.outcome()) {
      case PASS -> 0;
      case FAIL -> 1;
      case UNDECIDED, CANNOT_JUDGE -> UNDECIDED;
    };
  }
}
