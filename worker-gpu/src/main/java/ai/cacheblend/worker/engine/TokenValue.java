package ai.cacheblend.worker.engine;

/** A logit or log-probability of a token. */
public record TokenValue(int tokenId, double value) {}
