package ai.cacheblend.worker.chunks.store;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SslVerifyMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Address and credentials of a server.
 *
 * @param uri {@code redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]}, {@code rediss} for TLS
 * @param passwordFile has the password, read at each connection; the address has a user at most
 */
public record StoreAddress(String uri, Optional<Path> passwordFile) {
  /** {@link IllegalArgumentException} for another form; the message has no password. */
  public StoreAddress {
    requireNonNull(uri, "uri is null");
    checkArgument(
        parse(uri).isPresent(),
        "the address of the store is not redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] or"
            + " rediss://…; percent-encode special characters of user and password");
    checkArgument(
        passwordFile.isEmpty() || !userInfo(uri).contains(":"),
        "the store has a password in its address and in a file; remove one of them");
  }

  public StoreAddress(String uri) {
    this(uri, Optional.empty());
  }

  private static String userInfo(String uri) {
    return requireNonNullElse(URI.create(uri).getUserInfo(), "");
  }

  private static Optional<RedisURI> parse(String uri) {
    try {
      URI parts = URI.create(uri);
      boolean known = "redis".equals(parts.getScheme()) || "rediss".equals(parts.getScheme());
      boolean database = requireNonNullElse(parts.getPath(), "").matches("|/|/[0-9]{1,5}");
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
    passwordFile.ifPresent(
        file -> parsed.setCredentialsProvider(RedisCredentialsProvider.from(() -> read(file))));
    return parsed;
  }

  private RedisCredentials read(Path file) {
    String user = userInfo(uri);
    try {
      String password = Files.readString(file).strip();
      return RedisCredentials.just(user.isEmpty() ? null : user, password);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the password of the store: " + e, e);
    }
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
