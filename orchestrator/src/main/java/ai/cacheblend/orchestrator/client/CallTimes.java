package ai.cacheblend.orchestrator.client;

import com.google.common.primitives.ImmutableLongArray;

/**
 * Times of a call, on the monotonic clock of this process.
 *
 * @param intendedNanos when the call was due: the end of the step before it, or its moment in a
 *     schedule
 * @param sentNanos just before the call was started
 * @param headersNanos arrival of the response headers: the worker has received the call
 * @param firstMessageNanos arrival of the first message, with or without a token
 * @param tokenNanos for each token, arrival of the message that holds it; not empty
 * @param closedNanos end of the call
 */
public record CallTimes(
    long intendedNanos,
    long sentNanos,
    long headersNanos,
    long firstMessageNanos,
    ImmutableLongArray tokenNanos,
    long closedNanos) {
  public CallTimes {
    if (tokenNanos.isEmpty()) {
      throw new IllegalArgumentException("tokenNanos is empty; an answer has a token");
    }
  }

  public long firstTokenNanos() {
    return tokenNanos.get(0);
  }

  public long lastTokenNanos() {
    return tokenNanos.get(tokenNanos.length() - 1);
  }
}
