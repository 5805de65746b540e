package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Option;

/**
 * A sweep's plan and the data it speaks of.
 *
 * @param plan with all that is known of the data
 */
record SweepData(SweepPlan plan, List<Part> parts) {

  /** A data set, and what is done with it. */
  record Part(QualityPlan plan, QualityTask task) {
    String folder() {
      return task.name().replaceAll("[^A-Za-z0-9._-]+", "-");
    }
  }

  /** How prompts are made of data. */
  static final class Options {
    @Option(
        names = "--prompt",
        paramLabel = "FILE",
        description = "Prompt template in place of the data sets' own.")
    private Path prompt;

    @Option(
        names = "--max-prompt-characters",
        paramLabel = "N",
        description = "Leaves documents out from the middle of longer prompts.")
    private Integer maxPromptCharacters;

    private DatasetOptions of(SweepPlan.Data data, long seed) {
      require(
          maxPromptCharacters == null || maxPromptCharacters >= 1,
          "max-prompt-characters is " + maxPromptCharacters + "; use 1 or more");
      return new DatasetOptions(
          data.samples(),
          Optional.ofNullable(prompt),
          maxPromptCharacters == null ? OptionalInt.empty() : OptionalInt.of(maxPromptCharacters),
          seed);
    }
  }

  SweepData {
    parts = List.copyOf(parts);
  }

  static SweepData load(SweepPlan asked, Options options) {
    List<Part> parts = new ArrayList<>();
    List<SweepPlan.Data> known = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (SweepPlan.Data data : asked.data()) {
      QualityTask task = Datasets.load(data.dataset(), options.of(data, asked.seed()));
      data.datasetSha256().ifPresent(sha256 -> PlannedData.requireFile(sha256, task));
      data.promptsSha256().ifPresent(sha256 -> PlannedData.requirePrompts(sha256, task));
      QualityPlan plan =
          QualityOptions.plan(
              task,
              data.maxNewTokens().orElse(task.maxNewTokens()),
              asked.arms(),
              data.margin(),
              asked.seed(),
              asked.workers());
      Part part = new Part(plan, task);
      require(
          !part.folder().matches("chunks-[0-9]+"),
          "dataset has the name " + part.folder() + ", as a part of a sweep; rename the file");
      require(
          names.add(part.folder()),
          "dataset has two of the name " + part.folder() + "; rename one of the files");
      parts.add(part);
      known.add(
          new SweepPlan.Data(
              data.dataset(),
              plan.samples(),
              Optional.of(plan.maxNewTokens()),
              plan.margin(),
              Optional.of(plan.datasetSha256()),
              Optional.of(plan.promptsSha256())));
    }
    return new SweepData(asked.with(known), parts);
  }

  /** What was left out of the data and why. */
  List<String> notes() {
    return parts.stream()
        .flatMap(part -> part.task.notes().stream().map(note -> part.task.name() + ": " + note))
        .toList();
  }
}
