package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import java.util.List;

/**
 * A sample, tokenized for the workers' model.
 *
 * @param documentsLeftOut documents of the item that the prompt lacks, because it was too long
 */
record PreparedSample(QualitySample sample, List<PromptSegment> segments, int documentsLeftOut) {
  PreparedSample {
    segments = List.copyOf(segments);
  }
}
