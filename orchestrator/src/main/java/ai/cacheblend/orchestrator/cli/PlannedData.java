package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.dataset.Datasets;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.QualityPlan;

/** Data that a plan was made for. */
final class PlannedData {
  private PlannedData() {}

  /** How {@link Datasets} finds the data of a plan. */
  static String dataset(QualityPlan plan) {
    return Datasets.names().contains(plan.dataset()) ? plan.dataset() : plan.datasetSource();
  }

  /** The plan, if the data is what it was made for. */
  static QualityPlan require(QualityPlan plan, QualityTask task) {
    requireFile(plan.datasetSha256(), task);
    requirePrompts(plan.promptsSha256(), task);
    return plan;
  }

  static void requireFile(String sha256, QualityTask task) {
    PlanException.require(
        sha256.equals(task.sha256()),
        "--plan: dataset_sha256 is "
            + sha256
            + ", that of "
            + task.source()
            + " "
            + task.sha256()
            + "; get the data that the plan was made for");
  }

  static void requirePrompts(String sha256, QualityTask task) {
    PlanException.require(
        sha256.equals(task.promptsSha256()),
        "--plan: prompts_sha256 is "
            + sha256
            + ", that of "
            + task.source()
            + " "
            + task.promptsSha256()
            + "; give the plan's own --prompt and --max-prompt-characters");
  }
}
