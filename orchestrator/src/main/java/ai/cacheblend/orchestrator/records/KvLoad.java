package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How the chunks of one answer came to the device.
 *
 * @param predictedTtftSeconds worker TTFT as the worker predicted it; empty if it had measured too
 *     little
 * @param seconds of the load; 0 if all chunks were there
 * @param hidden share of the load in which compute did not wait; empty without a load
 * @param computedChunks chunks that were computed instead of loaded
 * @param ratio recompute ratio of arms that raise it
 */
public record KvLoad(
    OptionalDouble predictedTtftSeconds,
    double seconds,
    OptionalDouble hidden,
    int computedChunks,
    OptionalDouble ratio) {
  private static final double NANOS_PER_SECOND = 1e9;

  static KvLoad of(GenerateResult answer) {
    OptionalLong predicted = answer.load().predictedTtftNanos();
    return new KvLoad(
        predicted.isPresent()
            ? OptionalDouble.of(predicted.getAsLong() / NANOS_PER_SECOND)
            : OptionalDouble.empty(),
        answer.load().loadNanos() / NANOS_PER_SECOND,
        answer.loadHidden(),
        answer.load().recomputedSegments().size(),
        answer.load().ratio());
  }

  /** Whether a chunk was not on the device. */
  boolean usedTiers() {
    return seconds > 0 || computedChunks > 0;
  }
}
