package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import ai.cacheblend.orchestrator.run.Calibration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "quality",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures answer quality.",
      "",
      "Every arm answers every sample greedily; answers are scored against the references, and arms"
          + " are compared with full prefill sample by sample.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend quality --dataset pocketwiki --samples 50",
      "  cacheblend quality --worker gpu1:50051 --dataset 2wikimqa --out results",
      "  cacheblend quality --dataset pocketwiki"
          + " --arms full_prefill,cacheblend@0.15,chunk-head@0.15,random@0.15"
    })
final class QualityCommand implements Callable<Integer> {
  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many samples (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--print-prompt",
      description = "Print the first sample's prompt, segment by segment, and exit.")
  private boolean printPrompt;

  @Mixin private QualityOptions quality;
  @Mixin private ArmOptions arms;

  @Mixin private PlanOptions plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  QualityCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    Optional<QualityPlan> given =
        Usage.checked(
            spec, () -> plans.file(spec).map(file -> PlanReader.quality(file, workers.names())));
    List<NamedArm> chosen = Usage.checked(spec, () -> arms.arms(quality.seed()));
    List<String> names = Usage.checked(spec, workers::names);
    DatasetOptions options = Usage.checked(spec, () -> datasetOptions(given));
    QualityTask task =
        Datasets.load(given.map(PlannedData::dataset).orElse(quality.dataset()), options);
    if (printPrompt) {
      print(task.samples().get(0).parts());
      return 0;
    }
    QualityPlan plan =
        Usage.checked(
            spec,
            () ->
                given
                    .map(of -> PlannedData.require(of, task))
                    .orElseGet(() -> quality.plan(task, chosen, names)));
    task.notes().forEach(note -> console.err().println(task.name() + ": " + note));
    QualityReporting reporting =
        new QualityReporting(
            console, Usage.checked(spec, () -> output.output(console)), commandLine);
    try (WorkerSession session = workers.open(console, ArmOptions.checkLayers(plan.arms()))) {
      if (plans.dryRun()) {
        DryRun.print(
            console,
            PlanJson.of(plan),
            session.with(fleet -> Calibration.of(plan, task, fleet, console.clock())));
        return 0;
      }
      boolean any =
          session.with(fleet -> reporting.run(plan, task, fleet)).summary().validCount() > 0;
      if (!any) {
        console.err().println("cacheblend quality: no sample is valid; see above");
      }
      return any ? 0 : 1;
    }
  }

  private DatasetOptions datasetOptions(Optional<QualityPlan> given) {
    return quality.datasetOptions(
        given.map(QualityPlan::samples).orElse(samples),
        given.map(QualityPlan::seed).orElse(quality.seed()));
  }

  private void print(List<PromptPart> parts) {
    for (int i = 0; i < parts.size(); i++) {
      PromptPart part = parts.get(i);
      console.out().printf("[[segment %d, %s]]%n", i, part.cached() ? "cached" : "fresh");
      console.out().println(part.text());
    }
  }
}
