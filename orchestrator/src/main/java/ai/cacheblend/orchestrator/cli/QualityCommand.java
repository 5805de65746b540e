package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.PromptPart;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.report.PlanJson;
import ai.cacheblend.orchestrator.report.PlanReader;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
  static final String DEFAULT_MARGIN = "0.02";

  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--dataset",
      paramLabel = "NAME|FILE",
      defaultValue = "pocketwiki",
      description =
          "2wikimqa, samsum, musique, pocketwiki, pocketchat, or a file"
              + " (default: ${DEFAULT-VALUE}).")
  private String dataset;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description = "At most so many samples (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--prompt",
      paramLabel = "FILE",
      description = "Prompt template in place of the data set's own.")
  private Path prompt;

  @Option(
      names = "--max-prompt-characters",
      paramLabel = "N",
      description = "Leaves documents out from the middle of longer prompts.")
  private Integer maxPromptCharacters;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Longest answer (default: as the data set's template says).")
  private Integer maxNewTokens;

  @Option(
      names = "--print-prompt",
      description = "Print the first sample's prompt, segment by segment, and exit.")
  private boolean printPrompt;

  @Mixin private ArmOptions arms;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Draws few-shot examples, random rows, the order of arms, and resamples"
              + " (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--margin",
      paramLabel = "SCORE",
      defaultValue = DEFAULT_MARGIN,
      description =
          "Loss of headline score, from 0 to 1, that an arm may have and still count as not"
              + " inferior to full prefill (default: ${DEFAULT-VALUE}).")
  private double margin;

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
    List<NamedArm> chosen = Usage.checked(spec, () -> arms.arms(seed));
    List<String> names = Usage.checked(spec, workers::names);
    DatasetOptions options = Usage.checked(spec, () -> datasetOptions(given));
    QualityTask task = Datasets.load(given.map(QualityCommand::dataset).orElse(dataset), options);
    if (printPrompt) {
      print(task.samples().get(0).parts());
      return 0;
    }
    QualityPlan plan =
        Usage.checked(
            spec,
            () ->
                given.map(of -> requireData(of, task)).orElseGet(() -> plan(task, chosen, names)));
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

  /** How {@link Datasets} finds the data of a plan. */
  private static String dataset(QualityPlan plan) {
    return Datasets.names().contains(plan.dataset()) ? plan.dataset() : plan.datasetSource();
  }

  /** The plan, if the data is what it was made for. */
  private static QualityPlan requireData(QualityPlan plan, QualityTask task) {
    PlanException.require(
        plan.datasetSha256().equals(task.sha256()),
        "--plan: dataset_sha256 is "
            + plan.datasetSha256()
            + ", that of "
            + task.source()
            + " "
            + task.sha256()
            + "; get the data that the plan was made for");
    PlanException.require(
        plan.promptsSha256().equals(task.promptsSha256()),
        "--plan: prompts_sha256 is "
            + plan.promptsSha256()
            + ", that of "
            + task.source()
            + " "
            + task.promptsSha256()
            + "; give the plan's own --prompt and --max-prompt-characters");
    return plan;
  }

  private DatasetOptions datasetOptions(Optional<QualityPlan> given) {
    PlanException.require(samples >= 1, "samples is " + samples + "; use 1 or more");
    PlanException.require(
        maxPromptCharacters == null || maxPromptCharacters >= 1,
        "max-prompt-characters is " + maxPromptCharacters + "; use 1 or more");
    return new DatasetOptions(
        given.map(QualityPlan::samples).orElse(samples),
        Optional.ofNullable(prompt),
        maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters),
        given.map(QualityPlan::seed).orElse(seed));
  }

  private QualityPlan plan(QualityTask task, List<NamedArm> chosen, List<String> names) {
    return plan(
        task,
        maxNewTokens == null ? task.maxNewTokens() : maxNewTokens,
        chosen,
        margin,
        seed,
        names);
  }

  static QualityPlan plan(
      QualityTask task,
      int maxNewTokens,
      List<NamedArm> arms,
      double margin,
      long seed,
      List<String> workers) {
    return new QualityPlan(
        task.name(),
        task.source(),
        task.sha256(),
        task.promptsSha256(),
        task.samples().size(),
        maxNewTokens,
        task.stopStrings(),
        task.firstLineOnly(),
        QualityBenchmark.headlineMetric(task),
        arms,
        margin,
        seed,
        workers);
  }

  private void print(List<PromptPart> parts) {
    for (int i = 0; i < parts.size(); i++) {
      PromptPart part = parts.get(i);
      console.out().printf("[[segment %d, %s]]%n", i, part.cached() ? "cached" : "fresh");
      console.out().println(part.text());
    }
  }
}
