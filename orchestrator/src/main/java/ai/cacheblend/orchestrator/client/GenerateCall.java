package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import java.util.List;

/**
 * One prompt to answer.
 *
 * @param ignoreEos goes on after the model's end-of-sequence tokens
 */
public record GenerateCall(
    List<PromptSegment> segments,
    Arm arm,
    int maxNewTokens,
    Sampling sampling,
    List<String> stopStrings,
    boolean ignoreEos,
    Extras extras) {

  /**
   * How tokens are chosen.
   *
   * @param temperature 0 is greedy; the others are ignored then
   */
  public record Sampling(double temperature, double topP, long seed) {
    public static final Sampling GREEDY = new Sampling(0, 1, 0);
  }

  /** What to send beside tokens and text. */
  public record Extras(
      boolean logprobs, int firstTopLogitCount, boolean activePositions, boolean layerScores) {
    public static final Extras NONE = new Extras(false, 0, false, false);
  }

  public GenerateCall {
    segments = List.copyOf(segments);
    stopStrings = List.copyOf(stopStrings);
  }

  /** A greedy answer, and nothing but the answer. */
  public static GenerateCall greedy(
      List<PromptSegment> segments,
      Arm arm,
      int maxNewTokens,
      List<String> stopStrings,
      boolean ignoreEos) {
    return new GenerateCall(
        segments, arm, maxNewTokens, Sampling.GREEDY, stopStrings, ignoreEos, Extras.NONE);
  }
}
