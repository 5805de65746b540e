package ai.cacheblend.worker.grpc;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.access.BearerTokens;
import java.util.Optional;

/**
 * Who may call the services of a worker.
 *
 * @param tokens empty: every caller
 * @param reflection whether the reflection services run
 */
public record ServerAccess(Optional<BearerTokens> tokens, boolean reflection) {
  public static final ServerAccess OPEN = new ServerAccess(Optional.empty(), true);

  public ServerAccess {
    requireNonNull(tokens, "tokens is null");
  }
}
