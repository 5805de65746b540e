package ai.cacheblend.worker.engine;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.kv.KvLoad;

/** Times of a request. ttft = prefill + first sample. The KV load wait is part of the prefill. */
public record Durations(
    long queueNanos, KvLoad kvLoad, long prefillNanos, long firstSampleNanos, long decodeNanos) {

  public Durations {
    requireNonNull(kvLoad, "kvLoad is null");
  }

  public long ttftNanos() {
    return prefillNanos + firstSampleNanos;
  }
}
