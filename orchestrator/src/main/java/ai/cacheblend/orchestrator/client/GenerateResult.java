package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.RowCounts;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;

/**
 * An answer.
 *
 * @param reason why it ended, such as {@code max_new_tokens}
 * @param newTokenCount as the worker counted; equals the number of ids in a sound answer
 * @param firstTopLogits highest logits of the first step, where asked for
 */
public record GenerateResult(
    ImmutableIntArray tokenIds,
    String text,
    String reason,
    int newTokenCount,
    RowCounts rows,
    WorkerDurations workerDurations,
    CallTimes times,
    ImmutableDoubleArray logprobs,
    List<TokenValue> firstTopLogits,
    List<Integer> activePositions,
    List<LayerScores> layerScores) {

  /** A value of one token id. */
  public record TokenValue(int tokenId, double value) {}

  /**
   * Durations that the worker measured.
   *
   * @param kvLoadBusyNanos time during which stored KV was transferred and injected; on CUDA this
   *     runs beside prefill
   * @param kvLoadWaitNanos part of {@code kvLoadBusyNanos} and {@code prefillNanos} during which
   *     compute waited
   */
  public record WorkerDurations(
      long queueNanos,
      long kvLoadBusyNanos,
      long kvLoadWaitNanos,
      long prefillNanos,
      long firstSampleNanos,
      long ttftNanos,
      long decodeNanos) {}

  public GenerateResult {
    firstTopLogits = List.copyOf(firstTopLogits);
    activePositions = List.copyOf(activePositions);
    layerScores = List.copyOf(layerScores);
  }

  /** From just before the call was sent to the first message that holds a token. */
  public long clientTtftNanos() {
    return times.firstTokenNanos() - times.sentNanos();
  }

  /** What of it was spent neither in the worker's queue nor by its work. */
  public long transportNanos() {
    return clientTtftNanos() - workerDurations.queueNanos() - workerDurations.ttftNanos();
  }
}
