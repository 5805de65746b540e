package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.DeviceState;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.plan.RowCounts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One prompt answered by every arm.
 *
 * @param trial from 0, within its length and phase
 * @param promptHash names the prompt
 * @param collect empty where the trial ended before its chunks were stored
 * @param runs in the order they ran
 * @param workerLost whether it ended because its worker went away
 * @param device how the worker's device was doing when it had ended
 */
public record TtftTrial(
    Phase phase,
    int length,
    int trial,
    Origin origin,
    String promptHash,
    Optional<Collect> collect,
    List<Run> runs,
    boolean workerLost,
    DeviceState device) {

  /** Whether a trial counts. */
  public enum Phase {
    WARMUP,
    MEASURED
  }

  /**
   * Storing the trial's chunks.
   *
   * @param clientNanos as seen from here
   * @param workerNanos as the worker counted
   */
  public record Collect(
      int chunkCount, int tokenCount, long byteCount, long clientNanos, long workerNanos) {}

  /**
   * One arm's answer.
   *
   * @param order from 0, within the trial
   * @param result empty where the call failed
   * @param problem why the trial does not count; empty if the answer is sound
   */
  public record Run(
      String arm,
      int order,
      Instant startedAt,
      RowCounts expected,
      Optional<GenerateResult> result,
      Optional<String> problem) {
    public Run {
      if (result.isEmpty() && problem.isEmpty()) {
        throw new IllegalArgumentException("arm " + arm + " has neither a result nor a problem");
      }
    }
  }

  public TtftTrial {
    runs = List.copyOf(runs);
  }

  public String worker() {
    return origin.worker();
  }

  /** The run of an arm; there is one for each. */
  public Run run(String arm) {
    return runs.stream().filter(run -> run.arm().equals(arm)).findFirst().orElseThrow();
  }

  /** Whether every arm did what it should: arms are compared on the same trials only. */
  public boolean valid() {
    return runs.stream().allMatch(run -> run.problem().isEmpty());
  }
}
