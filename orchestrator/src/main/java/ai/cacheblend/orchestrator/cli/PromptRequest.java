package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** The content of a request file. */
record PromptRequest(
    List<Segment> segments,
    Arm arm,
    int maxNewTokens,
    GenerateCall.Sampling sampling,
    List<String> stopStrings,
    boolean stopAtEos) {

  /** A segment of the prompt: text that is not tokenized yet, or token ids. */
  record Segment(String text, ImmutableIntArray tokenIds, boolean cached) {}

  PromptRequest {
    segments = List.copyOf(segments);
    stopStrings = List.copyOf(stopStrings);
  }

  /** The same with other segments. */
  PromptRequest with(List<Segment> others) {
    return new PromptRequest(others, arm, maxNewTokens, sampling, stopStrings, stopAtEos);
  }
}
