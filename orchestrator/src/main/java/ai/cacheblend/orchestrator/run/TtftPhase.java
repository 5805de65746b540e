package ai.cacheblend.orchestrator.run;

import ai.cacheblend.orchestrator.client.GenerateResult;
import com.google.errorprone.annotations.Immutable;
import java.util.Locale;

/** What client TTFT is made of: transport, queue, prefill and first sample; the load is in it. */
enum TtftPhase {
  TRANSPORT(GenerateResult::transportNanos),
  QUEUE(result -> result.workerDurations().queueNanos()),
  KV_LOAD(result -> result.workerDurations().kvLoadNanos()),
  PREFILL(result -> result.workerDurations().prefillNanos()),
  FIRST_SAMPLE(result -> result.workerDurations().firstSampleNanos());

  /** A time of an answer. */
  @Immutable
  interface Nanos {
    long of(GenerateResult result);
  }

  private final Nanos nanos;

  TtftPhase(Nanos nanos) {
    this.nanos = nanos;
  }

  long nanos(GenerateResult result) {
    return nanos.of(result);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
