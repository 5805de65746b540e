package ai.cacheblend.worker.forecast;

/**
 * What a request will take, without the time in the queue.
 *
 * @param ttftNanos from its begin until the first token
 * @param loadNanos until its chunks are on the device; 0 if all are there
 */
public record Prediction(long ttftNanos, long loadNanos) {}
