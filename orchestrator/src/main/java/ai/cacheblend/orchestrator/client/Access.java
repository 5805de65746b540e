package ai.cacheblend.orchestrator.client;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.PlanException;
import com.google.common.net.HostAndPort;
import com.google.common.net.InetAddresses;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Credentials of a client, and verification of workers.
 *
 * @param authority CA certificates that sign the certificates of workers, PEM; empty: plain text
 * @param identity the client's own certificate
 * @param tokenFile bearer token
 */
public record Access(
    Optional<Path> authority, Optional<Identity> identity, Optional<Path> tokenFile) {
  /** Plain text without a token. */
  public static final Access OPEN =
      new Access(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * A client certificate.
   *
   * @param certificate chain, PEM
   * @param key PKCS #8, PEM
   */
  public record Identity(Path certificate, Path key) {}

  public Access {
    require(
        identity.isEmpty() || authority.isPresent(),
        "tls-cert needs TLS; give --tls-ca with the CA certificate of the worker");
  }

  /** Rejects a token in plain text to another host. */
  public void requireConfidential(HostAndPort worker) {
    require(
        tokenFile.isEmpty() || authority.isPresent() || isLoopback(worker.getHost()),
        "token-file would be sent in plain text to "
            + worker
            + "; give --tls-ca, or reach the worker over loopback, for example through an SSH"
            + " tunnel");
  }

  /** Names other than localhost are not resolved: the answer could change before the call. */
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || (InetAddresses.isInetAddress(host) && InetAddresses.forString(host).isLoopbackAddress());
  }

  CallMetadata metadata() {
    return new CallMetadata(tokenFile.map(TokenFile::new));
  }

  ChannelCredentials credentials() {
    if (authority.isEmpty()) {
      return InsecureChannelCredentials.create();
    }
    Path reading = authority.get();
    try {
      TlsChannelCredentials.Builder tls =
          TlsChannelCredentials.newBuilder().trustManager(reading.toFile());
      if (identity.isPresent()) {
        reading = identity.get().certificate;
        tls.keyManager(reading.toFile(), identity.get().key.toFile());
      }
      return tls.build();
    } catch (IOException e) {
      throw new PlanException("cannot read " + reading + " or its key: " + e.getMessage());
    }
  }
}
