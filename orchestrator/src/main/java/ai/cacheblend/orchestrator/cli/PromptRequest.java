package ai.cacheblend.orchestrator.cli;

import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/** What a request file asks for. */
record PromptRequest(
    List<Segment> segments,
    Arm arm,
    int maxNewTokens,
    GenerateCall.Sampling sampling,
    List<String> stopStrings,
    boolean stopAtEos) {

  /** A part of the prompt: text still to be tokenized if {@code tokenIds} is empty. */
  record Segment(String text, ImmutableIntArray tokenIds, boolean cached) {}

  PromptRequest {
    segments = List.copyOf(segments);
    stopStrings = List.copyOf(stopStrings);
  }
}
