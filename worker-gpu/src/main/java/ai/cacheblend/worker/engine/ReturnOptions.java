package ai.cacheblend.worker.engine;

import static com.google.common.base.Preconditions.checkArgument;

/** Optional parts of the result. */
public record ReturnOptions(
    boolean logprobs,
    int topLogprobCount,
    int firstTopLogitCount,
    boolean activePositions,
    boolean layerScores) {
  public static final ReturnOptions NONE = new ReturnOptions(false, 0, 0, false, false);

  private static final int MAX_TOP_LOGPROBS = 20;
  private static final int MAX_FIRST_TOP_LOGITS = 100;

  public ReturnOptions {
    checkRange("top_logprob_count", topLogprobCount, MAX_TOP_LOGPROBS);
    checkRange("first_top_logit_count", firstTopLogitCount, MAX_FIRST_TOP_LOGITS);
  }

  private static void checkRange(String name, int value, int max) {
    checkArgument(
        value >= 0 && value <= max,
        "%s is %s; set it to 0 to %s",
        name,
        Integer.toUnsignedString(value),
        max);
  }
}
