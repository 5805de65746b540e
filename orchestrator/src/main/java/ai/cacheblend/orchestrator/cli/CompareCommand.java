package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.compare.Comparison;
import ai.cacheblend.orchestrator.compare.Condition;
import ai.cacheblend.orchestrator.console.CompareTable;
import ai.cacheblend.orchestrator.records.CompareJson;
import ai.cacheblend.orchestrator.records.Json;
import ai.cacheblend.orchestrator.records.ResultFolders;
import ai.cacheblend.orchestrator.records.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares two runs: what differs between them, then TTFT and speed-up by arm and length and"
          + " quality by arm.",
      "",
      "Where both answered the same prompts they are compared prompt by prompt (paired t), otherwise"
          + " as independent (Welch); TTFT and speed-up as ratios. Runs of another model, tokenizer,"
          + " data or metric are refused. Of two sweeps, runs of one chunk size or data set are"
          + " compared.",
      ""
    },
    footer = {
      "",
      "Exit status: 0 compared, 1 a --fail-if holds, 2 bad usage or runs that cannot be compared.",
      "",
      "Examples:",
      "  cacheblend compare before after --fail-if 'ttft>+5%%'",
      "  cacheblend compare before after --fail-if 'speedup of cacheblend at 4096<-10%%'"
          + " --fail-if 'quality of cacheblend on pocketwiki<-0.02' --out comparison.json"
    })
final class CompareCommand implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "A", description = "Folder of the run to compare with.")
  private Path first;

  @Parameters(index = "1", paramLabel = "B", description = "Folder of the run to judge.")
  private Path second;

  @Option(
      names = "--fail-if",
      paramLabel = "CONDITION",
      description = {
        "MEASURE [of ARM] [at LENGTH] [in chunks of N] [on DATASET] > or < LIMIT: ttft and speedup"
            + " with a limit in %%, quality with one in scores. It holds where the whole 95 %% interval of B against A"
            + " lies beyond the limit; if it is about several arms or lengths, the intervals are"
            + " widened (Holm). Several may be given."
      })
  private List<String> failIf = new ArrayList<>();

  @Option(names = "--out", paramLabel = "FILE", description = "File for the comparison, JSON.")
  private Path out;

  CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<Condition> conditions =
        Usage.checked(spec, () -> failIf.stream().map(Condition::parse).toList());
    List<Run> a = ResultFolders.read(first);
    List<Run> b = ResultFolders.read(second);
    Comparison comparison = Usage.checked(spec, () -> Comparison.of(a, b, conditions));
    console.out().print(CompareTable.render(comparison));
    if (out != null) {
      Json.writeFile(out, Json.pretty(CompareJson.of(comparison)));
    }
    return comparison.failed() ? 1 : 0;
  }
}
