package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.dataset.QualityTask;
import java.util.List;
import java.util.OptionalInt;

/** The prompts of a data set, tokenized for the workers' model. */
public final class TaskPrompts {
  private TaskPrompts() {}

  /**
   * One prompt per sample, in their order. Documents that do not fit into the limit of the workers
   * are omitted from the middle.
   *
   * @param chunkTokens maximum chunk length; empty: documents are not cut
   */
  public static List<List<PromptSegment>> of(
      QualityTask task, int maxNewTokens, OptionalInt chunkTokens, Fleet fleet) {
    try (QualityPrompts prompts =
        new QualityPrompts(fleet, task.template(), maxNewTokens, chunkTokens)) {
      return task.samples().stream().map(sample -> prompts.prepare(sample).segments()).toList();
    }
  }
}
