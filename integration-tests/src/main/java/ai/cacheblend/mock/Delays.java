package ai.cacheblend.mock;

import java.time.Duration;

/**
 * Scripted delays.
 *
 * @param queue queueing time of every Generate, in addition to waiting for the running request
 * @param prefill time to the first token
 * @param perToken time of each token after the first
 * @param collectPerToken time to compute the KV of one token
 */
public record Delays(Duration queue, Prefill prefill, Duration perToken, Duration collectPerToken) {

  /** Time to the first token of an arm. */
  public interface Prefill {
    /**
     * The time for a prompt.
     *
     * @param arm full_prefill, prefix_caching, full_kv_reuse or cacheblend
     */
    Duration of(String arm, int promptTokenCount);
  }

  public static final Delays NONE =
      new Delays(Duration.ZERO, (arm, tokens) -> Duration.ZERO, Duration.ZERO, Duration.ZERO);

  public Delays {
    if (queue.isNegative() || perToken.isNegative() || collectPerToken.isNegative()) {
      throw new IllegalArgumentException("a delay is negative; set it to zero or more");
    }
  }

  /** A prefill time only. */
  public static Delays prefill(Prefill prefill) {
    return new Delays(Duration.ZERO, prefill, Duration.ZERO, Duration.ZERO);
  }
}
