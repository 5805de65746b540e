package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.dataset.QualitySample;
import java.util.List;

/** A sample, tokenized for the workers' model. */
record PreparedSample(QualitySample sample, List<PromptSegment> segments) {
  PreparedSample {
    segments = List.copyOf(segments);
  }
}
