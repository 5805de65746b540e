package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.records.NamedPlans;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import ai.cacheblend.orchestrator.run.Fleet;
import com.google.common.base.Splitter;
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
    customSynopsis = "cacheblend sweep [OPTION]...",
    description = {
      "Measures speed and quality of selectors and recompute ratios, over prompt shapes and data"
          + " sets, and reports the frontier of the two.",
      "",
      "Each arm is measured with every prompt shape, as by ttft, and on every data set, as by"
          + " quality. The folder of --out contains a ttft run per chunk size and tier, a quality"
          + " run per data set and chunk size, and a summary.",
      ""
    })
final class SweepCommand implements Callable<Integer>, RunCommand {
  private static final int FOOTER_WIDTH = 78;

  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Mixin private SweepOptions options;
  @Mixin private PlanOptions.OfFilesAndNames plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  SweepCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  /** The end of the help text; the named plans are resources. */
  static String[] footer() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Plans by name:");
    for (String name : NamedPlans.names()) {
      lines.add("  " + name);
      lines.addAll(wrapped(NamedPlans.about(name)));
    }
    lines.addAll(
        List.of(
            "",
            "Examples:",
            "  cacheblend sweep --samples 50 --out results/sweep",
            "  cacheblend sweep --worker gpu1:50051 --plan paper --out results/paper",
            "  cacheblend sweep --selectors all --ratios 0.05,0.15,0.3 \\",
            "      --dataset pocketwiki,pocketretrieval",
            "  cacheblend sweep --worker gpu1:50051 --tiers host,disk --throttle 3GB/s",
            "  cacheblend sweep --selectors value,random --ratios 0.05,0.15 \\",
            "      --chunk-tokens 256,512 --chunk-counts 4,8"));
    return lines.toArray(String[]::new);
  }

  private static List<String> wrapped(String text) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder("     ");
    for (String word : Splitter.on(' ').split(text.replace("%", "%%"))) {
      if (line.length() + 1 + word.length() > FOOTER_WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder("     ");
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  @Override
  public Integer call() {
    SweepPlan plan = Usage.checked(spec, this::plan);
    PlannedSweep loaded = Usage.checked(spec, () -> PlannedSweep.of(plan, console));
    loaded.notes().forEach(console.err()::println);
    Output to = Usage.checked(spec, () -> output.output(console));
    SweepReporting reporting = new SweepReporting(console, to, commandLine);
    try (OutputFolder folder = Usage.checked(spec, () -> output.open(to, plans));
        WorkerSession session =
            workers.open(console, ArmOptions.checkLayers(plan.arms()), to.showsProgress())) {
      return session.with(fleet -> run(withChat(loaded, fleet), fleet, reporting, folder)).code();
    }
  }

  /** A plan from a file is complete. */
  private PlannedSweep withChat(PlannedSweep planned, Fleet fleet) {
    return plans.given() && plans.name(NamedPlans.names()).isEmpty()
        ? planned
        : Usage.checked(spec, () -> planned.withChat(options.chat(), fleet, console));
  }

  private ExitStatus run(
      PlannedSweep planned, Fleet fleet, SweepReporting reporting, OutputFolder folder) {
    if (plans.dryRun()) {
      DryRun.print(console, PlanJson.of(planned.plan()), reporting.calibrate(planned, fleet));
      return ExitStatus.DONE;
    }
    return reporting
        .run(planned, fleet, folder)
        .report(console, "sweep", "a point has no valid results");
  }

  private SweepPlan plan() {
    Optional<String> name = plans.name(NamedPlans.names());
    Optional<Path> file = name.isPresent() ? Optional.empty() : plans.file(spec);
    file.ifPresent(
        f ->
            PlanException.require(
                Files.exists(f),
                "plan is "
                    + f
                    + ", which does not exist; give a file or one of "
                    + String.join(", ", NamedPlans.names())));
    return file.map(f -> PlanReader.sweep(f, workers.names()))
        .orElseGet(() -> options.plan(name.orElse(NamedPlans.DEFAULT), workers.names()));
  }
}
