package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.compare.Comparison;
import ai.cacheblend.orchestrator.compare.ComparisonFile;
import ai.cacheblend.orchestrator.compare.Condition;
import ai.cacheblend.orchestrator.console.CompareTable;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.Result;
import ai.cacheblend.orchestrator.records.ResultFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "cacheblend compare [OPTION]... A B",
    description = {
      "Compares two runs: configuration, TTFT and speed-up by arm and length, quality by arm; of"
          + " load runs, TTFT, ITL and throughput by arm and level.",
      "",
      "Prompts that both runs contain are compared pairwise (paired t); otherwise the runs are"
          + " compared as independent samples (Welch). TTFT and speed-up are compared as ratios."
          + " Runs of different models, tokenizers, data or metrics are rejected. Of two sweeps,"
          + " runs of the same chunk size, tier or data set are compared.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend compare before after --fail-if 'ttft>+5%%'",
      "  cacheblend compare before after \\",
      "      --fail-if 'speedup of cacheblend at 4096<-10%%' \\",
      "      --fail-if 'quality of cacheblend on pocketwiki<-0.02' \\",
      "      --out comparison.json"
    })
final class CompareCommand implements Callable<Integer>, VerdictCommand {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "Folder of the baseline run.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "Folder of the run to test.")
  private Path second;

  @Option(
      names = "--fail-if",
      paramLabel = "CONDITION",
      description = {
        "MEASURE [of ARM] [at LENGTH|at rate R|at concurrency N] [in chunks of N] [from TIER]"
            + " [on DATASET] > or < LIMIT, where MEASURE is ttft, speedup, itl, throughput or"
            + " capacity with a limit in %%, or quality with a limit in scores. It holds if the"
            + " whole 95 %% interval of the change from A to B lies beyond the limit. Intervals"
            + " of conditions on several arms or lengths are corrected (Holm). May be repeated."
      })
  private List<String> failIf = new ArrayList<>();

  @Option(names = "--out", paramLabel = "FILE", description = "File for the comparison, JSON.")
  private Path out;

  @Mixin private TableOptions tables;

  CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public String positive() {
    return "compared; no condition of --fail-if holds";
  }

  @Override
  public String negative() {
    return "compared; a condition of --fail-if holds";
  }

  @Override
  public String badUsage() {
    return "bad usage, or runs that cannot be compared";
  }

  @Override
  public Optional<String> undecided() {
    return Optional.of("compared; a condition of --fail-if holds, but a machine was busy");
  }

  private static ExitStatus status(Comparison comparison) {
    if (!comparison.failed()) {
      return ExitStatus.DONE;
    }
    return comparison.failedOnIdleMachines() ? ExitStatus.NEGATIVE : ExitStatus.UNDECIDED;
  }

  @Override
  public Integer call() {
    List<Condition> conditions =
        Usage.checked(spec, () -> failIf.stream().map(Condition::parse).toList());
    List<Result> a = ResultFolder.read(first);
    List<Result> b = ResultFolder.read(second);
    Comparison comparison = Usage.checked(spec, () -> Comparison.of(a, b, conditions));
    console.out().print(CompareTable.render(comparison, tables.columns()));
    if (out != null) {
      Json.writeFile(out, Json.pretty(ComparisonFile.of(comparison)));
    }
    return status(comparison).code();
  }
}
