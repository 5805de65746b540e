package ai.cacheblend.worker.access;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The credentials of a worker and the thread that reloads them. */
public final class Access implements AutoCloseable {
  private static final Duration RELOAD_PERIOD = Duration.ofSeconds(10);

  private final Optional<TlsCredentials> tls;
  private final Optional<BearerTokens> tokens;
  private final ScheduledExecutorService reloading =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("credentials").setDaemon(true).build());

  private Access(Optional<TlsCredentials> tls, Optional<BearerTokens> tokens) {
    this.tls = tls;
    this.tokens = tokens;
  }

  /**
   * Reads all files and starts the thread that reloads them.
   *
   * @throws AccessException if one cannot be used
   */
  public static Access load(Optional<TlsFiles> tls, Optional<Path> tokenFile) {
    Access access = new Access(tls.map(TlsCredentials::load), tokenFile.map(BearerTokens::load));
    if (access.tls.isPresent() || access.tokens.isPresent()) {
      Future<?> unused =
          access.reloading.scheduleWithFixedDelay(
              access::reload,
              RELOAD_PERIOD.toMillis(),
              RELOAD_PERIOD.toMillis(),
              TimeUnit.MILLISECONDS);
    }
    return access;
  }

  public ServerCredentials serverCredentials() {
    return tls.map(TlsCredentials::server).orElseGet(InsecureServerCredentials::create);
  }

  /** Empty: calls need no token. */
  public Optional<BearerTokens> tokens() {
    return tokens;
  }

  void reload() {
    tls.ifPresent(TlsCredentials::reload);
    tokens.ifPresent(BearerTokens::reload);
  }

  @Override
  public void close() {
    reloading.shutdownNow();
  }
}
