package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.records.NamedPlans;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "sweep",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures speed and quality over ratios, selectors, chunk sizes and numbers of chunks in one"
          + " run, and the frontier of the two.",
      "",
      "Every arm answers every prompt of every shape, as in ttft, and every sample of every data set,"
          + " as in quality. A folder of --out holds one run of ttft for each chunk size and one of"
          + " quality for each data set, beside what they say together.",
      ""
    })
final class SweepCommand implements Callable<Integer> {
  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Mixin private SweepOptions options;
  @Mixin private SweepData.Options data;
  @Mixin private PlanOptions plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  SweepCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  /** What follows the options in the help: the named plans are files of the program. */
  static String[] footer() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Plans that --plan knows by name; options beside a name replace what it says:");
    for (String name : NamedPlans.names()) {
      lines.add(String.format("  %-8s %s", name, NamedPlans.about(name)).replace("%", "%%"));
    }
    lines.addAll(
        List.of(
            "",
            "Examples:",
            "  cacheblend sweep --samples 50 --out results/sweep",
            "  cacheblend sweep --worker gpu1:50051 --plan paper --out results/paper",
            "  cacheblend sweep --ratios 0.05,0.15,0.3 --selectors value,key,chunk-head,random"
                + " --chunk-tokens 256,512 --chunk-counts 4,8"));
    return lines.toArray(String[]::new);
  }

  @Override
  public Integer call() {
    SweepPlan asked = Usage.checked(spec, this::plan);
    SweepData known = Usage.checked(spec, () -> SweepData.load(asked, data));
    known.notes().forEach(console.err()::println);
    SweepReporting reporting =
        new SweepReporting(console, Usage.checked(spec, () -> output.output(console)), commandLine);
    try (WorkerSession session =
        workers.open(console, ArmOptions.checkLayers(known.plan().arms()))) {
      if (plans.dryRun()) {
        DryRun.print(
            console,
            PlanJson.of(known.plan()),
            session.with(fleet -> reporting.calibrate(known, fleet)));
        return 0;
      }
      boolean complete = session.with(fleet -> reporting.run(known, fleet)).complete();
      if (!complete) {
        console.err().println("cacheblend sweep: some points have no valid block; see above");
      }
      return complete ? 0 : 1;
    }
  }

  private SweepPlan plan() {
    Optional<String> name = plans.name(NamedPlans.names());
    Optional<Path> file = name.isPresent() ? Optional.empty() : plans.file(spec);
    file.ifPresent(
        f ->
            PlanException.require(
                Files.exists(f),
                "--plan is "
                    + f
                    + ", which is no file; give one, or a plan's name: "
                    + String.join(", ", NamedPlans.names())));
    return file.map(f -> PlanReader.sweep(f, workers.names()))
        .orElseGet(() -> options.plan(name.orElse(NamedPlans.DEFAULT), workers.names()));
  }
}
