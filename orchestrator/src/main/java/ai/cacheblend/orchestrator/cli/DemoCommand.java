package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.run.Fleet;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "The main job on the embedded model: time to first token and answer quality of full_prefill,"
          + " full_kv_reuse and cacheblend at 15 %%, on the CPU.",
      ""
    },
    footer = {"", "Examples:", "  cacheblend demo", "  cacheblend demo --samples 200 --out report"})
final class DemoCommand implements Callable<Integer> {
  private static final List<String> DATASETS = List.of("pocketwiki", "pocketchat");
  private static final List<NamedArm> ARMS =
      ArmSyntax.parseAll(Defaults.ARMS, ArmDefaults.seed(Defaults.SEED));

  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--lengths",
      paramLabel = "TOKENS,...",
      split = ",",
      defaultValue = "512,1024,2048,4096",
      description = "Prompt lengths (default: ${DEFAULT-VALUE}).")
  private List<Integer> lengths;

  @Option(
      names = "--trials",
      paramLabel = "N",
      defaultValue = "5",
      description = "Trials per length (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "100",
      description = "Samples of each data set (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "target/demo",
      description = "Folder for the reports (default: ${DEFAULT-VALUE}).")
  private Path folder;

  @Option(
      names = {"-q", "--quiet"},
      description = "No progress on stderr.")
  private boolean quiet;

  @Mixin private WorkerOptions workers;

  DemoCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    TtftPlan plan = Usage.checked(spec, this::plan);
    List<QualityTask> tasks =
        DATASETS.stream()
            .map(name -> Datasets.load(name, DatasetOptions.samples(samples)))
            .toList();
    try (WorkerSession session = workers.open(console, ArmOptions.checkLayers(ARMS))) {
      return session.with(fleet -> run(plan, tasks, fleet)) ? 0 : 1;
    }
  }

  private TtftPlan plan() {
    PlanException.require(samples >= 1, "samples is " + samples + "; use 1 or more");
    return new TtftPlan(
        lengths,
        trials,
        WarmUp.untilStable(WarmUp.DEFAULT_CAP),
        512,
        TtftPlan.Suffix.ofTokens(32),
        ARMS,
        10,
        0,
        workers.names());
  }

  private Output output(Progress.Style style, String name) {
    return new Output(Optional.of(folder.resolve(name)), false, style);
  }

  private boolean run(TtftPlan plan, List<QualityTask> tasks, Fleet fleet) {
    Progress.Style style = quiet ? Progress.Style.SILENT : console.progressStyle();
    TtftReporting.Outcome ttft =
        new TtftReporting(console, output(style, "ttft"), commandLine).run(plan, fleet);
    boolean complete = ttft.summary().complete();
    StringBuilder report = new StringBuilder(heading(fleet));
    report.append(fenced(ttft.table()));
    for (QualityTask task : tasks) {
      console.out().println();
      QualityReporting.Outcome quality =
          new QualityReporting(console, output(style, task.name()), commandLine)
              .run(
                  QualityOptions.plan(
                      task,
                      task.maxNewTokens(),
                      ARMS,
                      Double.parseDouble(QualityOptions.DEFAULT_MARGIN),
                      plan.seed(),
                      plan.workers()),
                  task,
                  fleet);
      complete &= quality.summary().validCount() > 0;
      report.append(fenced(quality.table()));
    }
    Json.writeFile(folder.resolve("summary.md"), report.toString());
    RunReport.page(folder);
    console.out().println("\nReport: " + RunReport.pageOf(folder));
    return complete;
  }

  private String heading(Fleet fleet) {
    WorkerDescription worker = fleet.first().description();
    return "# KV-cache reuse on the model "
        + worker.model().name()
        + "\n\n"
        + console.clock().wall().instant().truncatedTo(ChronoUnit.SECONDS)
        + ", worker "
        + worker.versions().worker()
        + " with "
        + worker.device().threadCount()
        + " threads on "
        + worker.device().name()
        + " ("
        + worker.device().instructionSet()
        + ")\n\n";
  }

  private static String fenced(String table) {
    return "```\n" + table + "```\n\n";
  }
}
