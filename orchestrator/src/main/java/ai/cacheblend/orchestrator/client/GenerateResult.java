package ai.cacheblend.orchestrator.client;

import ai.cacheblend.orchestrator.plan.RowCounts;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * An answer.
 *
 * @param reason why it ended, such as {@code max_new_tokens}
 * @param newTokenCount count of the worker; equals the number of ids in a correct answer
 * @param tierRows rows of stored chunks by the tier that had them: device, host, disk or store;
 *     empty from workers of version 0.4 and earlier
 * @param firstTopLogits highest logits of the first step, if requested
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
    List<LayerScores> layerScores,
    Map<String, Integer> tierRows,
    LoadReport load) {

  /** A value of one token id. */
  public record TokenValue(int tokenId, double value) {}

  /**
   * Durations that the worker measured.
   *
   * @param kvLoadBusyNanos time during which stored KV was transferred and injected; on CUDA this
   *     overlaps with prefill
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
    tierRows = Map.copyOf(tierRows);
  }

  /** With chunks on the device. */
  public GenerateResult(
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
    this(
        tokenIds,
        text,
        reason,
        newTokenCount,
        rows,
        workerDurations,
        times,
        logprobs,
        firstTopLogits,
        activePositions,
        layerScores,
        Map.of(),
        LoadReport.NONE);
  }

  /** From sending the call to the arrival of the first message with a token. */
  public long clientTtftNanos() {
    return times.firstTokenNanos() - times.sentNanos();
  }

  /** The share of the load of chunks during which compute did not wait; empty without a load. */
  public OptionalDouble loadHidden() {
    return load.hiddenShare(workerDurations.kvLoadWaitNanos());
  }

  /** Client TTFT minus queue time and worker TTFT. */
  public long transportNanos() {
    return clientTtftNanos() - workerDurations.queueNanos() - workerDurations.ttftNanos();
  }
}
