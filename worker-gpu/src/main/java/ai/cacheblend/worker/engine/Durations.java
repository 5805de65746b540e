package ai.cacheblend.worker.engine;

/** Where a request's time went. ttft = prefill + first sample; KV load is part of prefill. */
public record Durations(
    long queueNanos, long kvLoadNanos, long prefillNanos, long firstSampleNanos, long decodeNanos) {
  public long ttftNanos() {
    return prefillNanos + firstSampleNanos;
  }
}
