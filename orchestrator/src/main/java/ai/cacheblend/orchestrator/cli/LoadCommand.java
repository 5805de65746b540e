package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.load.LoadBenchmark;
import ai.cacheblend.orchestrator.load.LoadEstimate;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "cacheblend load [OPTION]...",
    description = {
      "Measures latency and throughput under load: TTFT, time between tokens (ITL), time per output"
          + " token (TPOT), end-to-end latency (E2E), throughput, and goodput under --slo. Give"
          + " --rate, --concurrency or --trace.",
      "",
      "Requests are sent on a schedule (open loop), by a number of clients (closed loop), or at the"
          + " times of a trace. Their prompts are chunks from a pool and a fresh suffix, or those"
          + " of a data set. Latency counts from the time at which a request was due. All arms get"
          + " the same requests. Failed and refused requests count against the objective.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend load --rate 1,2,4 --duration 20s --pool-chunks 40 --out results",
      "  cacheblend load --concurrency 1,4,16 --requests 200 \\",
      "      --arms full_prefill,cacheblend@0.15",
      "  cacheblend load --dataset pocketwiki --concurrency 1,4 --requests 100",
      "  cacheblend load --worker gpu1:50051 --concurrency 4 --novel 1000 \\",
      "      --pool-chunks 5000",
      "  cacheblend load --worker gpu1:50051 --worker gpu2:50051 --rate 4..64/5 \\",
      "      --slo ttft=500ms,itl=50ms --precollect",
      "  cacheblend load --rate auto --slo ttft=500ms,itl=50ms --precollect \\",
      "      --arms full_prefill,prefix_caching,cacheblend@0.15 --out results"
    })
final class LoadCommand implements Callable<Integer>, RunCommand {
  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Mixin private LoadOptions options;
  @Mixin private PlanOptions.OfFiles plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  LoadCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    PlannedLoad planned = Usage.checked(spec, this::plan);
    LoadPlan plan = planned.plan();
    planned.notes().forEach(console.err()::println);
    Output to = Usage.checked(spec, () -> output.output(console));
    LoadReporting reporting = new LoadReporting(console, to, commandLine);
    try (OutputFolder folder = Usage.checked(spec, () -> output.open(to, plans));
        WorkerSession session =
            workers.open(console, ArmOptions.checkLayers(plan.arms()), to.showsProgress())) {
      if (plans.dryRun()) {
        DryRun.print(
            console,
            PlanJson.of(plan),
            session.with(fleet -> LoadEstimate.of(plan, planned.data(), fleet, console.clock())),
            "depending on the time of collecting");
        return ExitStatus.DONE.code();
      }
      Completion completion =
          session.with(
              fleet -> {
                LoadBenchmark benchmark =
                    new LoadBenchmark(plan, planned.data(), fleet, console.clock());
                benchmark.requireFit();
                folder.begin(console.err());
                benchmark.note().ifPresent(note -> console.err().println("note: " + note));
                return reporting.run(planned, fleet);
              });
      return completion.report(console, "load", "a level has no answered request").code();
    }
  }

  private PlannedLoad plan() {
    return plans
        .file(spec)
        .map(file -> PlannedLoad.of(PlanReader.load(file, workers.names()), console))
        .orElseGet(() -> options.plan(workers.names(), console));
  }
}
