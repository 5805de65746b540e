package ai.cacheblend.worker.chunks.store;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Address and credentials of a server.
 *
 * @param uri {@code redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]}, {@code rediss} for TLS
 */
public record StoreAddress(String uri) {
  /** {@link IllegalArgumentException} for another form; the message has no password. */
  public StoreAddress {
    requireNonNull(uri, "uri is null");
    checkArgument(
        parse(uri).isPresent(),
        "the address of the store is not redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or"
            + " rediss://…; percent-encode special characters of user and password");
  }

  private static Optional<RedisURI> parse(String uri) {
    try {
      URI parts = URI.create(uri);
      boolean known = "redis".equals(parts.getScheme()) || "rediss".equals(parts.getScheme());
      boolean database = parts.getPath().matches("|/|/[0-9]{1,5}");
      return known && parts.getHost() != null && database && parts.getQuery() == null
          ? Optional.of(RedisURI.create(uri))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  RedisURI redisUri(Duration timeout) {
    RedisURI parsed = parse(uri).orElseThrow();
    parsed.setTimeout(timeout);
    parsed.setVerifyPeer(SslVerifyMode.FULL);
    return parsed;
  }

  public boolean tls() {
    return uri.startsWith("rediss:");
  }

  /** Scheme, host and port: for messages. */
  @Override
  public String toString() {
    RedisURI parsed = parse(uri).orElseThrow();
    return "%s://%s:%d".formatted(tls() ? "rediss" : "redis", parsed.getHost(), parsed.getPort());
  }
}
