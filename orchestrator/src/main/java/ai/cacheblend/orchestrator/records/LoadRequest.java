package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult.WorkerDurations;
import ai.cacheblend.orchestrator.plan.RowCounts;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One request of a load run. Latencies count from the intended send time.
 *
 * @param index from 0 within its slice, in the order of intended send times
 * @param worker that it was sent to
 * @param problem why it is not {@link Outcome#OK}; empty if it is
 * @param promptTokens tokens of the prompt
 * @param reuse how its chunks were found
 * @param rows as counted by the worker; empty if the request failed before its end
 * @param worker durations on the worker; empty as {@code rows}
 */
public record LoadRequest(
    int index,
    Phase phase,
    String workerName,
    Outcome outcome,
    Optional<String> problem,
    Moments moments,
    int promptTokens,
    Reuse reuse,
    Optional<RowCounts> rows,
    Optional<WorkerDurations> worker) {
  private static final double NANOS_PER_SECOND = 1e9;

  /** How a request ended. */
  public enum Outcome {
    OK,
    /** The worker had no capacity: its queue or its memory was full. */
    REFUSED,
    /** The deadline of a call passed. */
    TIMEOUT,
    /** Any other failure, including answers that are not those of the arm. */
    FAILED
  }

  /**
   * Times on the orchestrator's monotonic clock, in nanoseconds.
   *
   * @param intended when the request was due
   * @param sent just before its first call was sent; equal to {@code ended} if none was
   * @param generateSent just before the generate call that was answered, or the last one, was sent
   * @param tokens arrival of each token; empty if the request failed before its end
   * @param ended when the last call of the request ended
   */
  public record Moments(
      long intended, long sent, long generateSent, ImmutableLongArray tokens, long ended) {
    public Moments {
      if (ended < intended || sent < intended) {
        throw new IllegalArgumentException(
            "sent, ended: " + sent + ", " + ended + "; before the intended time " + intended);
      }
    }
  }

  /**
   * Use of stored chunks.
   *
   * @param chunks that the arm reads; 0 for arms that read none
   * @param misses chunks that had to be computed for this request
   * @param retries generate calls that found a chunk evicted and were repeated
   */
  public record Reuse(int chunks, int misses, int retries) {
    public static final Reuse NONE = new Reuse(0, 0, 0);

    public Reuse {
      if (misses < 0 || misses > chunks || retries < 0) {
        throw new IllegalArgumentException(
            "chunks, misses, retries: " + chunks + ", " + misses + ", " + retries);
      }
    }
  }

  public LoadRequest {
    if ((outcome == Outcome.OK) != problem.isEmpty()) {
      throw new IllegalArgumentException("outcome is " + outcome + ", problem " + problem);
    }
    if (outcome == Outcome.OK && moments.tokens.isEmpty()) {
      throw new IllegalArgumentException("tokens is empty; an answer has a token");
    }
  }

  public boolean ok() {
    return outcome == Outcome.OK;
  }

  public boolean measured() {
    return phase == Phase.MEASURED;
  }

  public int newTokens() {
    return ok() ? moments.tokens.length() : 0;
  }

  /** From the intended send time until the first call was sent. */
  public double lagSeconds() {
    return seconds(moments.sent - moments.intended);
  }

  /** From the intended send time until the first token. Only of requests that are OK. */
  public double ttftSeconds() {
    return seconds(moments.tokens.get(0) - moments.intended);
  }

  /** From the intended send time until the last token. Only of requests that are OK. */
  public double e2eSeconds() {
    return seconds(lastToken() - moments.intended);
  }

  /** Mean time per token after the first; empty for answers of one token. */
  public OptionalDouble tpotSeconds() {
    int gaps = moments.tokens.length() - 1;
    return ok() && gaps > 0
        ? OptionalDouble.of(seconds(lastToken() - moments.tokens.get(0)) / gaps)
        : OptionalDouble.empty();
  }

  /** Times between neighbouring tokens. */
  public double[] itlSeconds() {
    double[] gaps = new double[Math.max(0, newTokens() - 1)];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] = seconds(moments.tokens.get(i + 1) - moments.tokens.get(i));
    }
    return gaps;
  }

  private long lastToken() {
    return moments.tokens.get(moments.tokens.length() - 1);
  }

  private static double seconds(long nanos) {
    return nanos / NANOS_PER_SECOND;
  }
}
