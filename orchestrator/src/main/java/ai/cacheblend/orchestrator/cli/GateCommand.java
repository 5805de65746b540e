package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.metrics.NonInferiorityRule;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.Fleet;
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
    customSynopsis = "cacheblend gate [OPTION]...",
    description = {
      "Tests whether an arm loses less than a margin of mean score against full prefill.",
      "",
      "Each sample is run with full prefill and the arm. After each sample a sequential test"
          + " decides: pass (the loss is smaller than the margin), fail (it is larger), or"
          + " continue. Each decision has an error rate of at most 5 %%, for any distribution of"
          + " scores. A margin of 0.02 needs 195 samples if no score differs.",
      "The verdict is \"cannot judge\" if full prefill is not shown to score more than twice the"
          + " margin, if half of its answers are empty, or if there are too few samples for the"
          + " margin.",
      "With --selector auto, candidates are compared on some of the samples. Those that are better"
          + " than all cheaper ones are then tested on the other samples, the most expensive"
          + " first, until one does not pass. The error rate holds for the whole sequence.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend gate --worker gpu1:50051 --dataset 2wikimqa --margin 0.03",
      "  cacheblend gate --dataset pocketwiki --arm cacheblend@0.5 --margin 0.1 \\",
      "      --max-samples 200",
      "  cacheblend gate --dataset pocketretrieval --selector auto --margin 0.1"
    })
final class GateCommand implements Callable<Integer>, VerdictCommand, RunCommand {
  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--arm",
      paramLabel = "ARM",
      description =
          "Arm to test, in one of the forms below (default: cacheblend, which is"
              + " cacheblend@"
              + Defaults.RECOMPUTE_RATIO
              + ").")
  private String arm;

  @Option(
      names = "--max-samples",
      paramLabel = "N",
      defaultValue = "" + Defaults.GATE_MAX_SAMPLES,
      description =
          "Upper limit of samples, drawn at random from the data set (default: ${DEFAULT-VALUE}).")
  private int maxSamples;

  @Mixin private CandidateOptions candidates;
  @Mixin private QualityOptions quality;
  @Mixin private PlanOptions.OfFiles plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  GateCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public String positive() {
    return "pass: the loss is smaller than the margin";
  }

  @Override
  public String negative() {
    return "fail: the loss is larger than the margin";
  }

  @Override
  public Optional<String> undecided() {
    return Optional.of("undecided, or cannot judge");
  }

  @Override
  public Integer call() {
    PlannedTask loaded = planned();
    Usage.checked(spec, () -> Gate.requireArms(loaded.plan()));
    loaded.notes().forEach(console.err()::println);
    Output to = Usage.checked(spec, () -> output.output(console));
    GateReporting reporting = new GateReporting(console, to, commandLine);
    try (OutputFolder folder = Usage.checked(spec, () -> output.open(to, plans));
        WorkerSession session =
            workers.open(
                console, ArmOptions.checkLayers(loaded.plan().arms()), to.showsProgress())) {
      return session.with(fleet -> run(withChat(loaded, fleet), fleet, reporting, folder)).code();
    }
  }

  private ExitStatus run(
      PlannedTask planned, Fleet fleet, GateReporting reporting, OutputFolder folder) {
    QualityPlan plan = planned.plan();
    fleet.requireCheckLayers(plan.arms());
    fleet.requireTier(plan.tier());
    if (plans.dryRun()) {
      Calibration.Estimate all =
          Calibration.of(
              plan,
              planned.task(),
              fleet,
              console.clock(),
              Encoders.of(console, console.progressStyle()));
      DryRun.print(
          console,
          PlanJson.of(plan),
          all.orAfter(
              Math.min(
                  1,
                  (double)
                          (plan.selectionSamples().orElse(0)
                              + NonInferiorityRule.samplesToPass(plan.margin()))
                      / plan.samples())),
          "depending on when the test decides");
      return ExitStatus.DONE;
    }
    folder.begin(console.err());
    return status(reporting.run(plan, planned.task(), fleet));
  }

  private PlannedTask withChat(PlannedTask planned, Fleet fleet) {
    return plans.given()
        ? planned
        : Usage.checked(spec, () -> planned.withChat(quality.chat(), fleet, console));
  }

  private PlannedTask planned() {
    Optional<QualityPlan> given =
        Usage.checked(
            spec, () -> plans.file(spec).map(file -> PlanReader.quality(file, workers.names())));
    if (given.isPresent()) {
      return Usage.checked(spec, () -> PlannedTask.of(given.get(), console));
    }
    List<NamedArm> arms =
        Usage.checked(
            spec,
            () -> {
              if (!candidates.auto()) {
                return ArmSyntax.parseAll(
                    "full_prefill," + (arm == null ? "cacheblend" : arm),
                    ArmDefaults.seed(quality.seed()));
              }
              PlanException.require(arm == null, "--arm and --selector exclude each other");
              return candidates.arms(quality.seed());
            });
    List<String> names = Usage.checked(spec, workers::names);
    SweepPlan.Data data = Usage.checked(spec, () -> quality.data(maxSamples));
    return Usage.checked(
        spec,
        () -> {
          PlannedTask task =
              PlannedTask.of(
                      data,
                      Sampling.RANDOM,
                      quality.chunkTokens(),
                      arms,
                      quality.seed(),
                      names,
                      console)
                  .withTier(quality.tier());
          return candidates.auto()
              ? task.withSelection(CandidateOptions.selectionSamples(task.plan().samples()))
              : task;
        });
  }

  /** A pass requires a valid result of every sample up to the decision. */
  private ExitStatus status(GateReporting.Outcome outcome) {
    return switch (outcome.verdict().outcome()) {
      case PASS -> new Completion(true, outcome.invalidCount()).report(console, "gate", "");
      case FAIL -> ExitStatus.NEGATIVE;
      case UNDECIDED, CANNOT_JUDGE -> ExitStatus.UNDECIDED;
    };
  }
}
