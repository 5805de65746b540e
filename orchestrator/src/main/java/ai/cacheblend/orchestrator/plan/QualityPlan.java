package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.util.List;
import java.util.Optional;

/**
 * A benchmark of answer quality.
 *
 * @param dataset name or path
 * @param datasetSha256 of the data file
 * @param promptsSha256 of the prompts that template and options make of it, and their references
 * @param samples how many prompts
 * @param maxNewTokens of each answer
 * @param stopStrings end an answer
 * @param firstLineOnly an answer is cut at its first newline before it is scored
 * @param metric identifier of the headline metric
 * @param margin largest acceptable loss of mean headline score
 * @param seed of the order of arms in each block and of the permutation test
 */
public record QualityPlan(
    String dataset,
    String datasetSource,
    String datasetSha256,
    String promptsSha256,
    int samples,
    int maxNewTokens,
    List<String> stopStrings,
    boolean firstLineOnly,
    String metric,
    List<NamedArm> arms,
    double margin,
    long seed,
    List<String> workers) {
  public QualityPlan {
    stopStrings = List.copyOf(stopStrings);
    arms = NamedArm.distinct(arms);
    workers = List.copyOf(workers);
    require(samples >= 1, "samples is " + samples + "; use 1 or more");
    require(maxNewTokens >= 1, "max-new-tokens is " + maxNewTokens + "; use 1 or more");
    require(margin > 0 && margin < 1, "margin is " + margin + "; use more than 0, less than 1");
    require(!workers.isEmpty(), "workers is empty; name at least one");
  }

  public Optional<NamedArm> baseline() {
    return NamedArm.baseline(arms);
  }

  public Optional<NamedArm> headline() {
    return NamedArm.headline(arms);
  }
}
