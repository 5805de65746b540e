package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.WorkerDescription;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
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
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "cacheblend demo [OPTION]...",
    description = {
      "Runs both benchmarks on the embedded model, on the CPU: time to first token and answer"
          + " quality of full_prefill, full_kv_reuse and cacheblend.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend demo",
      "  cacheblend demo --samples 200 --out results"
    })
final class DemoCommand implements Callable<Integer>, RunCommand {
  private static final List<String> DATASETS = List.of("pocketwiki", "pocketchat");
  private static final Path DEFAULT_FOLDER = Path.of("target/demo");
  private static final List<NamedArm> ARMS =
      ArmSyntax.parseAll(Defaults.ARMS, ArmDefaults.seed(Defaults.SEED));

  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--lengths",
      paramLabel = "TOKENS,...",
      split = ",",
      hideParamSyntax = true,
      defaultValue = Defaults.DEMO_LENGTHS,
      description = "Prompt lengths, BOS included (default: ${DEFAULT-VALUE}).")
  private List<Integer> lengths;

  @Option(
      names = "--trials",
      paramLabel = "N",
      defaultValue = "" + Defaults.TRIALS,
      description = "Measured trials per length (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "" + Defaults.SAMPLES,
      description = "Upper limit of samples of each data set (default: ${DEFAULT-VALUE}).")
  private int samples;

  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  DemoCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    TtftPlan plan = Usage.checked(spec, this::plan);
    List<PlannedTask> tasks =
        Usage.checked(spec, () -> DATASETS.stream().map(name -> task(name, plan)).toList());
    Output to = Usage.checked(spec, () -> output.output(console, DEFAULT_FOLDER));
    try (OutputFolder folder = Usage.checked(spec, () -> output.open(to));
        WorkerSession session =
            workers.open(console, ArmOptions.checkLayers(ARMS), to.showsProgress())) {
      Completion completion =
          session.with(
              fleet -> {
                if (to.showsProgress() && !to.resume()) {
                  console.err().println("demo: about " + estimate(plan, tasks, fleet).range());
                }
                new TtftBenchmark(plan, fleet, console.clock()).requireFit();
                folder.begin(console.err());
                return run(plan, tasks, to, fleet);
              });
      return completion.report(console, "demo", "a table has no valid results").code();
    }
  }

  private TtftPlan plan() {
    return new TtftPlan(
        lengths,
        trials,
        WarmUp.untilStable(Defaults.WARM_UP_CAP),
        Defaults.CHUNK_TOKENS,
        TtftPlan.Suffix.ofTokens(Defaults.SUFFIX_TOKENS),
        ARMS,
        Defaults.TTFT_MAX_NEW_TOKENS,
        Defaults.SEED,
        workers.names());
  }

  private PlannedTask task(String name, TtftPlan plan) {
    return PlannedTask.of(
        SweepPlan.Data.of(name, samples, Defaults.MARGIN),
        Sampling.FIRST,
        OptionalInt.empty(),
        ARMS,
        plan.seed(),
        plan.workers(),
        console);
  }

  private Calibration.Estimate estimate(TtftPlan plan, List<PlannedTask> tasks, Fleet fleet) {
    Calibration.Estimate estimate = Calibration.of(plan, fleet, console.clock());
    for (PlannedTask task : tasks) {
      estimate =
          estimate.plus(
              Calibration.of(
                  task.plan(),
                  task.task(),
                  fleet,
                  console.clock(),
                  Encoders.of(console, console.progressStyle())));
    }
    return estimate;
  }

  private static Output part(Output whole, String name) {
    Path folder = whole.folder().orElseThrow().resolve(name);
    return new Output(
        Optional.of(folder),
        whole.resume() && Files.exists(folder.resolve("plan.json")),
        whole.style(),
        whole.columns());
  }

  private Completion run(TtftPlan plan, List<PlannedTask> tasks, Output to, Fleet fleet) {
    TtftReporting.Outcome ttft =
        new TtftReporting(console, part(to, "ttft"), commandLine)
            .measure("ttft (1 of " + (1 + tasks.size()) + ")", plan, fleet);
    console.out().print(ttft.table());
    Completion completion = ttft.completion();
    StringBuilder report = new StringBuilder(heading(fleet));
    report.append(fenced(ttft.table()));
    for (PlannedTask planned : tasks) {
      String title =
          planned.task().name()
              + " ("
              + (2 + tasks.indexOf(planned))
              + " of "
              + (1 + tasks.size())
              + ")";
      QualityReporting.Outcome quality =
          new QualityReporting(console, part(to, planned.task().name()), commandLine)
              .measure(title, planned.plan(), planned.task(), fleet);
      console.out().print("\n" + quality.table());
      completion = completion.and(quality.completion());
      report.append(fenced(quality.table()));
    }
    Path folder = to.folder().orElseThrow();
    Json.writeFile(folder.resolve("summary.md"), report.toString());
    RunReport.page(folder);
    RunReport.announce(console, to);
    return completion;
  }

  private String heading(Fleet fleet) {
    WorkerDescription worker = fleet.first().description();
    return "# KV-cache reuse on the model "
        + worker.model().name()
        + "\n\n"
        + console.clock().wall().instant().truncatedTo(ChronoUnit.SECONDS)
        + ", worker "
        + worker.versions().worker().version()
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
