package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.records.Phase;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * A prompt of an exact length.
 *
 * @param trial from 0, within its length and phase
 */
record TtftPrompt(Phase phase, int length, int trial, List<PromptSegment> segments) {
  TtftPrompt {
    segments = List.copyOf(segments);
    int actual = PromptSegment.shapeOf(segments).promptTokenCount();
    if (actual != length) {
      throw new IllegalArgumentException("prompt has " + actual + " tokens, expected " + length);
    }
  }

  /** Estimate of the relative duration: slightly more than linear in the length. */
  static double weight(int length) {
    return length + 1e-4 * length * length;
  }

  double weight() {
    return weight(length);
  }

  /** The segments before the suffix. */
  List<PromptSegment> context() {
    return segments.subList(0, segments.size() - 1);
  }

  List<ImmutableIntArray> chunks() {
    return PromptSegment.chunksOf(segments);
  }
}
