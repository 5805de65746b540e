package ai.cacheblend.worker.chunks.store;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How the tier uses its server.
 *
 * @param authority certificates that sign the server's, PEM; empty: those of the JVM
 * @param timeout for a connection, and for each reply
 * @param lookupTimeout for the reply whether there is an entry: a request waits for it
 * @param connectionCount layers are distributed over these connections
 */
public record StoreOptions(
    StoreAddress address,
    Optional<Path> authority,
    Duration timeout,
    Duration lookupTimeout,
    int connectionCount) {
  public StoreOptions {
    requireNonNull(address, "address is null");
    checkArgument(
        authority.isEmpty() || address.tls(),
        "certificates are given for %s, which has no TLS; use rediss://",
        address);
    checkArgument(
        timeout.toMillis() >= 1,
        "the time limit of the store is %s; set it to 1ms or more",
        timeout);
    checkArgument(
        connectionCount >= 1, "connectionCount is %s; must be 1 or more", connectionCount);
  }
}
