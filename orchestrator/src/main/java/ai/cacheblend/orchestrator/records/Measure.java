package ai.cacheblend.orchestrator.records;

import ai.cacheblend.orchestrator.client.GenerateResult;
import com.google.errorprone.annotations.Immutable;
import java.util.List;
import java.util.stream.Stream;

/** The measures of runs, with key in records, unit, direction and label. */
public enum Measure {
  CLIENT_TTFT("client_ttft", "client TTFT", GenerateResult::clientTtftNanos),
  CLIENT_HEADERS(
      "client_headers", "response headers", a -> a.times().headersNanos() - a.times().sentNanos()),
  CLIENT_FIRST_MESSAGE(
      "client_first_message",
      "first message",
      a -> a.times().firstMessageNanos() - a.times().sentNanos()),
  CLIENT_LAST_TOKEN(
      "client_last_token", "last token", a -> a.times().lastTokenNanos() - a.times().sentNanos()),
  CLIENT_CLOSED(
      "client_closed", "call closed", a -> a.times().closedNanos() - a.times().sentNanos()),
  /** Client TTFT minus worker queue minus worker TTFT. */
  TRANSPORT("transport", "transport", GenerateResult::transportNanos),
  WORKER_TTFT("worker_ttft", "worker TTFT", a -> a.workerDurations().ttftNanos()),
  WORKER_QUEUE("worker_queue", "queue", a -> a.workerDurations().queueNanos()),
  /** Overlaps with prefill on CUDA, so it is not a part of it. */
  WORKER_KV_LOAD_BUSY(
      "worker_kv_load_busy", "KV load, busy", a -> a.workerDurations().kvLoadBusyNanos()),
  /** Part of prefill. */
  WORKER_KV_LOAD_WAIT(
      "worker_kv_load_wait", "KV load, waited", a -> a.workerDurations().kvLoadWaitNanos()),
  WORKER_PREFILL("worker_prefill", "prefill", a -> a.workerDurations().prefillNanos()),
  WORKER_FIRST_SAMPLE(
      "worker_first_sample", "first sample", a -> a.workerDurations().firstSampleNanos()),
  WORKER_DECODE("worker_decode", "decode", a -> a.workerDurations().decodeNanos()),
  /** Client TTFT of full prefill divided by client TTFT of the arm. */
  SPEEDUP("speedup", "speed-up", Unit.RATIO, Direction.HIGHER_IS_BETTER),
  /** Score of the headline metric. */
  SCORE("score", "score", Unit.SCORE, Direction.HIGHER_IS_BETTER);

  /** Unit of a measure in records. */
  public enum Unit {
    SECONDS,
    /** Without a unit; 1 is no change. */
    RATIO,
    /** Between 0 and 1. */
    SCORE
  }

  /** Which values are better. */
  public enum Direction {
    LOWER_IS_BETTER,
    HIGHER_IS_BETTER
  }

  @Immutable
  private interface Nanos {
    long of(GenerateResult answer);
  }

  private static final double NANOS_PER_SECOND = 1e9;

  private static final List<Measure> SUMMARIZED =
      List.of(
          CLIENT_TTFT,
          WORKER_TTFT,
          TRANSPORT,
          WORKER_QUEUE,
          WORKER_KV_LOAD_BUSY,
          WORKER_KV_LOAD_WAIT,
          WORKER_PREFILL,
          WORKER_FIRST_SAMPLE);

  private final String key;
  private final String label;
  private final Unit unit;
  private final Direction direction;
  private final Nanos nanos;

  /** A duration of an answer. */
  Measure(String key, String label, Nanos nanos) {
    this(key, label, Unit.SECONDS, Direction.LOWER_IS_BETTER, nanos);
  }

  /** A measure of several answers. */
  Measure(String key, String label, Unit unit, Direction direction) {
    this(
        key,
        label,
        unit,
        direction,
        answer -> {
          throw new UnsupportedOperationException(key + " is not a duration of one answer");
        });
  }

  Measure(String key, String label, Unit unit, Direction direction, Nanos nanos) {
    this.key = key;
    this.label = label;
    this.unit = unit;
    this.direction = direction;
    this.nanos = nanos;
  }

  /** Name of the field in records and of the column in CSV files. */
  public String key() {
    return key;
  }

  /** Name in tables and charts. */
  public String label() {
    return label;
  }

  public Unit unit() {
    return unit;
  }

  public Direction direction() {
    return direction;
  }

  /** The value of one answer. Only for {@link #durations}. */
  public double seconds(GenerateResult answer) {
    return nanos.of(answer) / NANOS_PER_SECOND;
  }

  /** The durations of one answer, in the order of records. */
  public static List<Measure> durations() {
    return Stream.of(values()).filter(measure -> measure.unit == Unit.SECONDS).toList();
  }

  /** Durations that {@code result.json} summarizes per arm and length. */
  public static List<Measure> summarized() {
    return SUMMARIZED;
  }
}
