package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.Arm;
import ai.cacheblend.orchestrator.plan.LoadPolicy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A request for one answer.
 *
 * @param ignoreEos whether end-of-sequence tokens do not end the answer
 * @param loadBytesPerSecond limit of the rate at which the worker loads chunks to its device
 * @param loadPolicy empty: that of the worker
 */
public record GenerateCall(
    List<PromptSegment> segments,
    Arm arm,
    int maxNewTokens,
    Sampling sampling,
    List<String> stopStrings,
    boolean ignoreEos,
    OptionalLong loadBytesPerSecond,
    Optional<LoadPolicy> loadPolicy,
    Extras extras) {

  /**
   * Sampling parameters.
   *
   * @param temperature 0 is greedy, without effect of topP and seed
   */
  public record Sampling(double temperature, double topP, long seed) {
    public static final Sampling GREEDY = new Sampling(0, 1, 0);
  }

  /** Optional parts of the answer. */
  public record Extras(
      boolean logprobs, int firstTopLogitCount, boolean activePositions, boolean layerScores) {
    public static final Extras NONE = new Extras(false, 0, false, false);
  }

  public GenerateCall {
    segments = List.copyOf(segments);
    stopStrings = List.copyOf(stopStrings);
  }

  /** Loads chunks without a limit, by the policy of the worker. */
  public GenerateCall(
      List<PromptSegment> segments,
      Arm arm,
      int maxNewTokens,
      Sampling sampling,
      List<String> stopStrings,
      boolean ignoreEos,
      Extras extras) {
    this(
        segments,
        arm,
        maxNewTokens,
        sampling,
        stopStrings,
        ignoreEos,
        OptionalLong.empty(),
        Optional.empty(),
        extras);
  }

  /** A greedy answer without extras. */
  public static GenerateCall greedy(
      List<PromptSegment> segments,
      Arm arm,
      int maxNewTokens,
      List<String> stopStrings,
      boolean ignoreEos) {
    return new GenerateCall(
        segments, arm, maxNewTokens, Sampling.GREEDY, stopStrings, ignoreEos, Extras.NONE);
  }

  /** The same with all chunks loaded, as the definition of the arm has it. */
  public GenerateCall loadingAll() {
    return withLoad(OptionalLong.empty(), LoadPolicy.LOAD);
  }

  public GenerateCall withLoad(OptionalLong bytesPerSecond, LoadPolicy policy) {
    return new GenerateCall(
        segments,
        arm,
        maxNewTokens,
        sampling,
        stopStrings,
        ignoreEos,
        bytesPerSecond,
        Optional.of(policy),
        extras);
  }
}
