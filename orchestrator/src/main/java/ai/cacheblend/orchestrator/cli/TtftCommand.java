package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import ai.cacheblend.orchestrator.run.Calibration;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "ttft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the time to first token.",
      "",
      "For each length, prompts of exactly that many tokens of real text, a new one for every trial,"
          + " are cut into chunks, whose KV is collected, and a fresh suffix. Every arm answers"
          + " every prompt, in random order; the worker's counts must show that each arm reused and"
          + " recomputed what it should, otherwise the trial does not count.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend ttft --lengths 512,1024 --trials 3",
      "  cacheblend ttft --worker gpu1:50051 --worker gpu2:50051 --out results",
      "  cacheblend ttft --arms full_prefill,cacheblend@0.15,cacheblend@0.30,random@0.15"
    })
final class TtftCommand implements Callable<Integer> {
  private static final int DEFAULT_SUFFIX_TOKENS = 32;

  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--lengths",
      paramLabel = "TOKENS,...",
      split = ",",
      defaultValue = "512,1024,2048,4096,8192",
      description = "Prompt lengths, BOS included (default: ${DEFAULT-VALUE}).")
  private List<Integer> lengths;

  @Option(
      names = "--trials",
      paramLabel = "N",
      defaultValue = "5",
      description = "Measured trials per length (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Mixin private WarmUpOptions warmUp;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens per cached chunk (default: ${DEFAULT-VALUE}).")
  private int chunkTokens;

  @Mixin private SuffixOptions suffix;

  @Mixin private ArmOptions arms;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "10",
      description = "Tokens to generate (default: ${DEFAULT-VALUE}); the first is timed.")
  private int maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Draws prompts and the order of arms (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private PlanOptions plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  TtftCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    TtftPlan plan = Usage.checked(spec, this::plan);
    TtftReporting reporting =
        new TtftReporting(console, Usage.checked(spec, () -> output.output(console)), commandLine);
    try (WorkerSession session = workers.open(console, ArmOptions.checkLayers(plan.arms()))) {
      if (plans.dryRun()) {
        DryRun.print(
            console,
            PlanJson.of(plan),
            session.with(fleet -> Calibration.of(plan, fleet, console.clock())));
        return 0;
      }
      boolean complete = session.with(fleet -> reporting.run(plan, fleet)).summary().complete();
      if (!complete) {
        console.err().println("cacheblend ttft: a length has no valid trial; see above");
      }
      return complete ? 0 : 1;
    }
  }

  private TtftPlan plan() {
    Optional<Path> file = plans.file(spec);
    if (file.isPresent()) {
      return PlanReader.ttft(file.get(), workers.names());
    }
    return new TtftPlan(
        lengths,
        trials,
        warmUp.warmUp().orElseGet(() -> WarmUp.untilStable(WarmUp.DEFAULT_CAP)),
        chunkTokens,
        suffix.suffix().orElseGet(() -> TtftPlan.Suffix.ofTokens(DEFAULT_SUFFIX_TOKENS)),
        arms.arms(seed),
        maxNewTokens,
        seed,
        workers.names());
  }
}
