package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.client.Access;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** TLS and tokens of the connections to workers. */
final class AccessOptions {
  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description = "Use TLS. CA certificates that sign the certificates of the workers, PEM.")
  private Path authority;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Client certificate, PEM, for workers that require one.")
  private Path certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Private key of the client certificate, PKCS #8 PEM.")
  private Path key;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "File with the bearer token for the workers. Reloaded when it changes. Without TLS,"
              + " tokens are sent only over loopback.")
  private Path token;

  /** Whether any option is given. */
  boolean given() {
    return Stream.of(authority, certificate, key, token).anyMatch(file -> file != null);
  }

  Access access() {
    require(
        (certificate == null) == (key == null),
        "tls-cert and tls-key belong together; give both or neither");
    Stream.of(authority, certificate, key, token)
        .filter(file -> file != null)
        .forEach(
            file -> require(Files.isReadable(file), file + " does not exist or is not readable"));
    return new Access(
        Optional.ofNullable(authority),
        certificate == null ? Optional.empty() : Optional.of(new Access.Identity(certificate, key)),
        Optional.ofNullable(token));
  }
}
