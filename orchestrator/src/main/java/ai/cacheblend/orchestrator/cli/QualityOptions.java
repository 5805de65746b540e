package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** What is answered, and how answers are judged. */
final class QualityOptions {
  static final String DEFAULT_MARGIN = "0.02";

  @Option(
      names = "--dataset",
      paramLabel = "NAME|FILE",
      defaultValue = "pocketwiki",
      description =
          "2wikimqa, samsum, musique, pocketwiki, pocketchat, or a file"
              + " (default: ${DEFAULT-VALUE}).")
  private String dataset;

  @Option(
      names = "--prompt",
      paramLabel = "FILE",
      description = "Prompt template in place of the data set's own.")
  private Path prompt;

  @Option(
      names = "--max-prompt-characters",
      paramLabel = "N",
      description = "Leaves documents out from the middle of longer prompts.")
  private Integer maxPromptCharacters;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description = "Longest answer (default: as the data set's template says).")
  private Integer maxNewTokens;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Seed of few-shot examples, random rows, the order of arms and permutation tests"
              + " (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--margin",
      paramLabel = "SCORE",
      defaultValue = DEFAULT_MARGIN,
      description =
          "Largest acceptable loss of mean headline score against full_prefill, between 0 and 1"
              + " (default: ${DEFAULT-VALUE}).")
  private double margin;

  String dataset() {
    return dataset;
  }

  long seed() {
    return seed;
  }

  /** How to make so many samples. */
  DatasetOptions datasetOptions(int samples, long fewShotSeed) {
    require(samples >= 1, "samples is " + samples + "; use 1 or more");
    require(
        maxPromptCharacters == null || maxPromptCharacters >= 1,
        "max-prompt-characters is " + maxPromptCharacters + "; use 1 or more");
    return new DatasetOptions(
        samples,
        Optional.ofNullable(prompt),
        maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters),
        fewShotSeed);
  }

  QualityPlan plan(QualityTask task, List<NamedArm> arms, List<String> workers) {
    return plan(
        task,
        maxNewTokens == null ? task.maxNewTokens() : maxNewTokens,
        arms,
        margin,
        seed,
        workers);
  }

  /** The same with what options have no place for. */
  static QualityPlan plan(
      QualityTask task,
      int maxNewTokens,
      List<NamedArm> arms,
      double margin,
      long seed,
      List<String> workers) {
    return new QualityPlan(
        task.name(),
        task.source(),
        task.sha256(),
        task.promptsSha256(),
        task.samples().size(),
        maxNewTokens,
        task.stopStrings(),
        task.firstLineOnly(),
        QualityBenchmark.headlineMetric(task),
        arms,
        margin,
        seed,
        workers);
  }
}
