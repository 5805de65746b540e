package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.plan.ChunkSource;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.PlanJson;
import ai.cacheblend.orchestrator.records.PlanReader;
import ai.cacheblend.orchestrator.run.Calibration;
import ai.cacheblend.orchestrator.run.TtftBenchmark;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
    customSynopsis = "cacheblend ttft [OPTION]...",
    description = {
      "Measures time to first token.",
      "",
      "Prompts have exactly the given lengths and consist of cached chunks and a suffix that is not"
          + " cached, all of natural text. Each trial uses a new prompt, run with every arm in"
          + " random order. A trial is valid only if the row counts of the worker match the arm.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend ttft --lengths 512,1024 --trials 3",
      "  cacheblend ttft --worker gpu1:50051 --worker gpu2:50051 --out results",
      "  cacheblend ttft \\",
      "      --arms full_prefill,cacheblend@0.15,cacheblend@0.30,random@0.15"
    })
final class TtftCommand implements Callable<Integer>, RunCommand {
  private final Console console;
  private final List<String> commandLine;

  @Spec private CommandSpec spec;

  @Option(
      names = "--lengths",
      paramLabel = "TOKENS,...",
      split = ",",
      hideParamSyntax = true,
      defaultValue = Defaults.LENGTHS,
      description = "Prompt lengths, BOS included (default: ${DEFAULT-VALUE}).")
  private List<Integer> lengths;

  @Option(
      names = "--trials",
      paramLabel = "N",
      defaultValue = "" + Defaults.TRIALS,
      description = "Measured trials per length (default: ${DEFAULT-VALUE}).")
  private int trials;

  @Mixin private WarmUpOptions warmUp;

  @Option(
      names = "--chunk-tokens",
      paramLabel = "N",
      defaultValue = "" + Defaults.CHUNK_TOKENS,
      description = "Tokens per cached chunk (default: ${DEFAULT-VALUE}).")
  private int chunkTokens;

  @Mixin private SuffixOptions suffix;

  @Mixin private ArmOptions arms;

  @Option(
      names = "--tier",
      paramLabel = "host|disk|store",
      description =
          "Move the chunks of each trial to this tier of the worker before every arm that reads"
              + " them, and verify that they came from there (default: they stay on the device).")
  private String tier;

  @Option(
      names = "--throttle",
      paramLabel = "RATE",
      description =
          "Load chunks from the tier at this rate at most, for example 3GB/s, to measure with"
              + " slower storage.")
  private String throttle;

  @Option(
      names = "--tier-policy",
      paramLabel = "load|auto",
      defaultValue = "load",
      description =
          "Load every chunk from the tier (load), or let the worker compute the rows of chunks"
              + " where it predicts that this is faster (auto) (default: ${DEFAULT-VALUE}).")
  private String tierPolicy;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      defaultValue = "" + Defaults.TTFT_MAX_NEW_TOKENS,
      description = "Tokens to generate per answer (default: ${DEFAULT-VALUE}).")
  private int maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "" + Defaults.SEED,
      description = "Seed of prompts and the order of arms (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private PlanOptions.OfFiles plans;
  @Mixin private OutputOptions output;
  @Mixin private WorkerOptions workers;

  TtftCommand(Console console, List<String> commandLine) {
    this.console = console;
    this.commandLine = commandLine;
  }

  @Override
  public Integer call() {
    TtftPlan plan = Usage.checked(spec, this::plan);
    Output to = Usage.checked(spec, () -> output.output(console));
    TtftReporting reporting = new TtftReporting(console, to, commandLine);
    try (OutputFolder folder = Usage.checked(spec, () -> output.open(to, plans));
        WorkerSession session =
            workers.open(console, ArmOptions.checkLayers(plan.arms()), to.showsProgress())) {
      if (plans.dryRun()) {
        DryRun.print(
            console,
            PlanJson.of(plan),
            session.with(fleet -> Calibration.of(plan, fleet, console.clock())));
        return ExitStatus.DONE.code();
      }
      Completion completion =
          session.with(
              fleet -> {
                new TtftBenchmark(plan, fleet, console.clock()).requireFit();
                folder.begin(console.err());
                return reporting.run(plan, fleet).completion();
              });
      return completion.report(console, "ttft", "a length has no valid trial").code();
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
        warmUp.warmUp().orElseGet(() -> WarmUp.untilStable(Defaults.WARM_UP_CAP)),
        chunkTokens,
        suffix.suffix().orElseGet(() -> TtftPlan.Suffix.ofTokens(Defaults.SUFFIX_TOKENS)),
        arms.arms(seed),
        source(),
        maxNewTokens,
        seed,
        workers.names());
  }

  private Optional<ChunkSource> source() {
    PlanException.require(
        tier != null || throttle == null, "throttle is given without tier; add --tier");
    LoadPolicy policy = LoadPolicy.ofId(tierPolicy);
    PlanException.require(
        tier != null || policy == LoadPolicy.LOAD, "tier-policy is given without tier; add --tier");
    return Optional.ofNullable(tier)
        .map(
            name ->
                new ChunkSource(
                    Tier.ofId(name),
                    throttle == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(ChunkSource.rate(throttle)),
                    policy));
  }
}
