package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.PromptPart;
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
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import ai.cacheblend.orchestrator.run.TextEncoder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "quality",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "cacheblend quality [OPTION]...",
    description = {
      "Measures answer quality.",
      "",
      "Each sample is run with every arm, with greedy decoding. Answers are scored against the"
          + " references. Arms are compared with full prefill, paired by sample.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend quality --dataset pocketwiki --samples 50",
      "  cacheblend quality --worker gpu1:50051 --dataset 2wikimqa --out results",
      "  cacheblend quality --dataset pocketwiki \\",
      "      --arms full_prefill,cacheblend@0.15,chunk-head@0.15,random@0.15"
    })
final class QualityCommand implements Callable<Integer>, RunCommand {
  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "" + Defaults.SAMPLES,
      description =
          "Upper limit of samples, the first of the data set (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--print-prompt",
      description = "Print the first sample's prompt, segment by segment, and exit.")
  private boolean printPrompt;

  @Mixin private QualityOptions quality;
  @Mixin private ArmOptions arms;
  @Mixin private PlanOptions.OfFiles plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  QualityCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    PlannedTask loaded = planned();
    if (printPrompt
        && loaded.plan().retrieval().isEmpty()
        && (plans.given() || quality.chat().isNone() || !workers.given())) {
      print(loaded.task().samples().get(0).parts());
      return ExitStatus.DONE.code();
    }
    loaded.notes().forEach(console.err()::println);
    Output to = Usage.checked(spec, () -> output.output(console));
    QualityReporting reporting = new QualityReporting(console, to, commandLine);
    try (OutputFolder folder = Usage.checked(spec, () -> output.open(to, plans));
        WorkerSession session =
            workers.open(
                console, ArmOptions.checkLayers(loaded.plan().arms()), to.showsProgress())) {
      return session.with(fleet -> run(withChat(loaded, fleet), fleet, reporting, folder)).code();
    }
  }

  private ExitStatus run(
      PlannedTask planned, Fleet fleet, QualityReporting reporting, OutputFolder folder) {
    QualityPlan plan = planned.plan();
    Supplier<TextEncoder> encoders = Encoders.of(console, console.progressStyle());
    if (printPrompt) {
      print(
          plan.retrieval().isEmpty()
              ? planned.task().samples().get(0).parts()
              : new QualityBenchmark(plan, planned.task(), fleet, console.clock(), encoders)
                  .firstPrompt());
      return ExitStatus.DONE;
    }
    if (plans.dryRun()) {
      DryRun.print(
          console,
          PlanJson.of(plan),
          Calibration.of(plan, planned.task(), fleet, console.clock(), encoders));
      return ExitStatus.DONE;
    }
    fleet.requireCheckLayers(plan.arms());
    fleet.requireTier(plan.tier());
    folder.begin(console.err());
    return reporting
        .run(plan, planned.task(), fleet)
        .completion()
        .report(console, "quality", "no valid sample");
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
      return Usage.checked(
          spec,
          () -> {
            PlanException.require(
                given.get().selectionSamples().isEmpty(),
                "plan has selection_samples, which is for gate; use gate --plan");
            return PlannedTask.of(given.get(), console);
          });
    }
    List<NamedArm> chosen = Usage.checked(spec, () -> arms.arms(quality.seed()));
    List<String> names = Usage.checked(spec, workers::names);
    SweepPlan.Data data = Usage.checked(spec, () -> quality.data(samples));
    return Usage.checked(
        spec,
        () ->
            PlannedTask.of(
                    data,
                    Sampling.FIRST,
                    quality.chunkTokens(),
                    chosen,
                    quality.seed(),
                    names,
                    console)
                .withTier(quality.tier()));
  }

  private void print(List<PromptPart> parts) {
    for (int i = 0; i < parts.size(); i++) {
      PromptPart part = parts.get(i);
      console.out().printf("[[segment %d, %s]]%n", i, part.cached() ? "cached" : "fresh");
      console.out().println(part.text());
    }
  }
}
