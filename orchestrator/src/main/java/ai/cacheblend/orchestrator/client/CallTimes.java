package ai.cacheblend.orchestrator.client;

/**
 * When things happened in a call, on the monotonic clock of this process.
 *
 * @param intendedNanos when the call was due: when the step before it had ended
 * @param sentNanos just before the call was started
 * @param headersNanos response headers arrived: the worker has received the call
 * @param firstMessageNanos first message arrived, whatever it holds
 * @param firstTokenNanos first message that holds a token arrived
 * @param lastTokenNanos last message that holds a token arrived
 * @param closedNanos the call ended
 */
public record CallTimes(
    long intendedNanos,
    long sentNanos,
    long headersNanos,
    long firstMessageNanos,
    long firstTokenNanos,
    long lastTokenNanos,
    long closedNanos) {}
