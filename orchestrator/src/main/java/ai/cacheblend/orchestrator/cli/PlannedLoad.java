package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.DatasetOptions;
import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.Sampling;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A load plan, with its data.
 *
 * @param data of a workload of a data set, otherwise empty
 */
record PlannedLoad(LoadPlan plan, Optional<QualityTask> data) {

  /**
   * Loads the data of a plan.
   *
   * @throws ai.cacheblend.orchestrator.plan.PlanException if it differs from the plan
   */
  static PlannedLoad of(LoadPlan plan, Console console) {
    if (!(plan.workload() instanceof LoadWorkload.Dataset dataset)) {
      return new PlannedLoad(plan, Optional.empty());
    }
    QualityTask task = load(dataset.source(), dataset.samples(), plan.seed(), console);
    PlannedTask.requireSame("dataset_sha256", dataset.datasetSha256(), task.sha256(), task);
    PlannedTask.requireSame("prompts_sha256", dataset.promptsSha256(), task.promptsSha256(), task);
    return new PlannedLoad(plan, Optional.of(task));
  }

  /** The prompts of a data set, made with its own template. */
  static QualityTask load(String dataset, int samples, long seed, Console console) {
    return Datasets.load(
        dataset,
        new DatasetOptions(samples, Sampling.RANDOM, Optional.empty(), OptionalInt.empty(), seed),
        console.environment(),
        console.downloads());
  }

  static LoadWorkload.Dataset workload(QualityTask task, OptionalInt chunkTokens) {
    return new LoadWorkload.Dataset(
        task.name(),
        task.source(),
        task.sha256(),
        task.promptsSha256(),
        task.samples().size(),
        chunkTokens);
  }

  /** Skipped items of the data with reasons, one per line. */
  List<String> notes() {
    return data.map(task -> task.notes().stream().map(note -> task.name() + ": " + note).toList())
        .orElse(List.of());
  }
}
