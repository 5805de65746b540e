package ai.cacheblend.hub.mock;

import java.util.Optional;

/**
 * A request that arrived.
 *
 * @param server {@code hub} or {@code storage}
 * @param target path and query
 */
public record MockRequest(
    String server,
    String method,
    String target,
    Optional<String> authorization,
    Optional<String> range) {}
