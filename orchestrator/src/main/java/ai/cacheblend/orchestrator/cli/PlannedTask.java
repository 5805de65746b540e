package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.PromptTemplate;
import ai.cacheblend.orchestrator.plan.QualityPlan;
import ai.cacheblend.orchestrator.plan.Sampling;
import ai.cacheblend.orchestrator.plan.SweepPlan;
import ai.cacheblend.orchestrator.plan.Tier;
import ai.cacheblend.orchestrator.run.Fleet;
import ai.cacheblend.orchestrator.run.QualityBenchmark;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A quality plan, with its data. */
record PlannedTask(QualityPlan plan, QualityTask task) {

  /**
   * Loads the data of a plan.
   *
   * @param console its environment locates the Hugging Face cache
   * @throws PlanException if the checksums of the data differ from the plan
   */
  static PlannedTask of(QualityPlan plan, Console console) {
    QualityTask task =
        Datasets.load(
            plan.datasetSource(),
            new DatasetOptions(
                plan.samples(),
                plan.sampling(),
                Optional.of(plan.prompt()),
                plan.maxPromptCharacters(),
                plan.seed()),
            console.environment(),
            console.downloads());
    requireSame("dataset_sha256", plan.datasetSha256(), task.sha256(), task);
    requireSame("prompts_sha256", plan.promptsSha256(), task.promptsSha256(), task);
    return new PlannedTask(plan, task);
  }

  /**
   * Loads data, and adds their checksums to the plan.
   *
   * @param sampling which items of the data are used
   * @param chunkTokens maximum chunk length; empty: documents are not cut
   */
  static PlannedTask of(
      SweepPlan.Data data,
      Sampling sampling,
      OptionalInt chunkTokens,
      List<NamedArm> arms,
      long seed,
      List<String> workers,
      Console console) {
    QualityTask task =
        Datasets.load(
            data.dataset(),
            new DatasetOptions(
                data.samples(), sampling, data.prompt(), data.maxPromptCharacters(), seed),
            console.environment(),
            console.downloads());
    data.datasetSha256()
        .ifPresent(sha256 -> requireSame("dataset_sha256", sha256, task.sha256(), task));
    data.promptsSha256()
        .ifPresent(sha256 -> requireSame("prompts_sha256", sha256, task.promptsSha256(), task));
    QualityPlan plan =
        new QualityPlan(
            task.name(),
            task.source(),
            task.sha256(),
            task.promptsSha256(),
            task.samples().size(),
            sampling,
            task.template()
                .withMaxNewTokens(data.maxNewTokens().orElse(task.template().maxNewTokens())),
            data.maxPromptCharacters(),
            chunkTokens,
            data.retrieval(),
            QualityBenchmark.headlineMetric(task),
            arms,
            data.margin(),
            seed,
            workers);
    return new PlannedTask(plan, task);
  }

  /** The same with chunks from a tier of the worker; empty: from the device. */
  PlannedTask withTier(Optional<Tier> tier) {
    return new PlannedTask(plan.withTier(tier), task);
  }

  /**
   * The same with the chat template of the options around its prompts.
   *
   * @param console its environment locates the Hugging Face cache
   */
  PlannedTask withChat(ChatOptions chat, Fleet fleet, Console console) {
    PromptTemplate prompt = chat.around(plan.prompt(), fleet);
    if (prompt.equals(plan.prompt())) {
      return this;
    }
    PlannedTask wrapped =
        of(
            new SweepPlan.Data(
                plan.datasetSource(),
                plan.samples(),
                Optional.of(prompt),
                plan.maxPromptCharacters(),
                plan.retrieval(),
                OptionalInt.of(plan.maxNewTokens()),
                plan.margin(),
                Optional.of(plan.datasetSha256()),
                Optional.empty()),
            plan.sampling(),
            plan.chunkTokens(),
            plan.arms(),
            plan.seed(),
            plan.workers(),
            console);
    chat.check(wrapped, fleet);
    return wrapped.withTier(plan.tier()).withSelection(plan.selectionSamples());
  }

  /** The same with another number of samples to select arms on. */
  PlannedTask withSelection(OptionalInt samples) {
    return new PlannedTask(plan.withSelection(samples), task);
  }

  static void requireSame(String field, String planned, String found, QualityTask task) {
    PlanException.require(
        planned.equals(found),
        "--plan: "
            + field
            + " is "
            + planned
            + ", but "
            + found
            + " for "
            + task.file()
            + "; use the data that the plan was made for");
  }

  /** Skipped items of the data with reasons, one per line. */
  List<String> notes() {
    return task.notes().stream().map(note -> task.name() + ": " + note).toList();
  }
}
