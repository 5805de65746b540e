package ai.cacheblend.worker.cli;

import ai.cacheblend.worker.chunks.store.StoreAddress;
import ai.cacheblend.worker.chunks.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of the shared store. */
final class StoreArguments {
  private static final Duration MAX_LOOKUP_WAIT = Duration.ofMillis(100);

  /** The layers of a chunk are distributed over them. */
  private static final int CONNECTION_COUNT = 4;

  @Option(
      names = "--store",
      paramLabel = "URI",
      description =
          "Redis or Valkey server for stored chunks, which workers share:"
              + " redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// for TLS (default:"
              + " none).")
  private String uri;

  @Option(
      names = "--store-password-file",
      paramLabel = "FILE",
      description =
          "Password for --store, read at each connection; a user name is then given as"
              + " redis://USER@HOST.")
  private Path passwordFile;

  @Option(
      names = "--store-ca",
      paramLabel = "FILE",
      description =
          "Certificates that sign the certificate of --store, PEM (default: those of the JVM).")
  private Path authority;

  @Option(
      names = "--store-timeout",
      paramLabel = "MS",
      defaultValue = "1000",
      description =
          "Milliseconds for a connection to --store and for each reply. A later reply is a miss"
              + " (default: ${DEFAULT-VALUE}).")
  private int timeoutMillis;

  /** {@link IllegalArgumentException} if options do not fit together. */
  Optional<StoreOptions> options() {
    if (uri == null) {
      if (authority != null || passwordFile != null) {
        throw new IllegalArgumentException(
            "--store-ca and --store-password-file are given without --store; add --store URI");
      }
      return Optional.empty();
    }
    Duration timeout = Duration.ofMillis(timeoutMillis);
    return Optional.of(
        new StoreOptions(
            new StoreAddress(uri, Optional.ofNullable(passwordFile)),
            Optional.ofNullable(authority),
            timeout,
            timeout.compareTo(MAX_LOOKUP_WAIT) < 0 ? timeout : MAX_LOOKUP_WAIT,
            CONNECTION_COUNT));
  }
}
