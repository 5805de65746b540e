package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.hub.Hub;
import ai.cacheblend.hub.HubException;
import ai.cacheblend.hub.LocalFiles;
import ai.cacheblend.hub.ModelFiles;
import ai.cacheblend.hub.Repository;
import ai.cacheblend.hub.Revision;
import ai.cacheblend.orchestrator.console.Progress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "pull",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = {
      "cacheblend pull NAME [--revision REVISION]",
      "       cacheblend pull --dataset NAME [--revision REVISION]"
    },
    description = {
      "Downloads a model or a data set from the Hugging Face Hub.",
      "",
      "The files go to the cache that the Python libraries use, and only those that are missing are"
          + " downloaded; their hashes are verified. An interrupted download is continued. The folder"
          + " is printed on stdout.",
      "Of a model: configuration, tokenizer, and weights in safetensors. Of a data set: its Parquet"
          + " files, or if it has none, its JSON, CSV, text and zip files.",
      "",
      "Environment: HF_HOME or HF_HUB_CACHE (cache), HF_TOKEN or HF_TOKEN_PATH (access to gated and"
          + " private repositories), HF_ENDPOINT (mirror), HF_HUB_OFFLINE=1 (no downloads),"
          + " HF_HUB_DOWNLOAD_TIMEOUT (seconds without a byte), HTTPS_PROXY, NO_PROXY.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  cacheblend pull mistralai/Mistral-7B-Instruct-v0.2",
      "  cacheblend pull --dataset THUDM/LongBench"
    })
final class PullCommand implements Callable<Integer> {

  /** Parquet before other forms of the same data. */
  private static final List<String> DATA_FILES =
      List.of("**.parquet", "**.{jsonl,json,csv,tsv,txt,zip,gz,zst,xz,tar}");

  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "Model, for example Qwen/Qwen2.5-0.5B-Instruct.")
  private String model;

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description = "Data set, for example THUDM/LongBench.")
  private String dataset;

  @Option(
      names = "--revision",
      paramLabel = "REVISION",
      defaultValue = "main",
      description = "Branch, tag, refs/pr/N or commit (default: ${DEFAULT-VALUE}).")
  private String revision;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress on stderr.")
  private boolean quiet;

  PullCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws HubException {
    Usage.checked(
        spec,
        () -> {
          require(
              model != null || dataset != null, "no name is given; give NAME or --dataset NAME");
          require(
              model == null || dataset == null, "NAME and --dataset exclude each other; give one");
          return spec;
        });
    Revision wanted = valid(() -> new Revision(revision));
    Repository repository =
        valid(() -> model == null ? Repository.dataset(dataset) : Repository.model(model));
    Console shown = quiet ? console.with(Progress.Style.SILENT) : console;
    Hub hub = Hub.of(console.environment(), shown.downloads());
    LocalFiles files =
        model == null
            ? hub.pull(repository, wanted, DATA_FILES)
            : hub.pullModel(repository, wanted, ModelFiles.ALL);
    console.out().println(files.snapshot().folder());
    return ExitStatus.DONE.code();
  }

  private <T> T valid(Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
