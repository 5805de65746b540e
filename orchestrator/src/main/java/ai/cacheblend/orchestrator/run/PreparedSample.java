package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import ai.cacheblend.orchestrator.records.Retrieved;
import java.util.List;
import java.util.Optional;

/**
 * A sample, tokenized for the workers' model.
 *
 * @param documentsLeftOut documents, or retrieved chunks, that the prompt lacks, because it was too
 *     long
 * @param retrieved empty without retrieval
 */
record PreparedSample(
    QualitySample sample,
    List<PromptSegment> segments,
    int documentsLeftOut,
    Optional<Retrieved> retrieved) {
  PreparedSample {
    segments = List.copyOf(segments);
  }
}
