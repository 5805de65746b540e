package ai.cacheblend.worker.cli;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.access.TlsFiles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may call the worker.
 *
 * @param reflection empty: the reflection service runs unless a token is required
 */
record SecurityOptions(
    Optional<TlsFiles> tls, Optional<Path> tokenFile, Optional<Boolean> reflection) {
  static final SecurityOptions NONE =
      new SecurityOptions(Optional.empty(), Optional.empty(), Optional.empty());

  /** Each value may be null. */
  static SecurityOptions of(
      Path certificate, Path key, Path clientAuthority, Path tokenFile, Boolean reflection) {
    checkArgument(
        (certificate == null) == (key == null),
        "--tls-cert and --tls-key belong together; give both or neither");
    checkArgument(
        clientAuthority == null || certificate != null,
        "--tls-client-ca needs TLS; add --tls-cert and --tls-key");
    return new SecurityOptions(
        certificate == null
            ? Optional.empty()
            : Optional.of(new TlsFiles(certificate, key, Optional.ofNullable(clientAuthority))),
        Optional.ofNullable(tokenFile),
        Optional.ofNullable(reflection));
  }

  boolean servesReflection() {
    return reflection.orElse(tokenFile.isEmpty());
  }

  /** Refuses to receive tokens in plain text from other hosts. */
  void requireConfidential(InetSocketAddress address) {
    checkArgument(
        tokenFile.isEmpty() || tls.isPresent() || isLoopback(address),
        "--token-file on --host %s sends tokens in plain text; add --tls-cert and --tls-key, or"
            + " listen on 127.0.0.1",
        address.getHostString());
  }

  /** A warning if hosts other than this one can use the worker without any proof of identity. */
  Optional<String> warning(InetSocketAddress address) {
    boolean identified =
        tokenFile.isPresent() || tls.flatMap(TlsFiles::clientAuthority).isPresent();
    if (identified || isLoopback(address)) {
      return Optional.empty();
    }
    return Optional.of(
        "the worker listens on %s %s: every host that reaches it can use it; add --token-file%s"
            .formatted(
                address.getHostString(),
                tls.isPresent() ? "without a token" : "without TLS and without a token",
                tls.isPresent() ? " or --tls-client-ca" : ", --tls-cert and --tls-key"));
  }

  private static boolean isLoopback(InetSocketAddress address) {
    InetAddress resolved = address.getAddress();
    return resolved != null && resolved.isLoopbackAddress();
  }
}
