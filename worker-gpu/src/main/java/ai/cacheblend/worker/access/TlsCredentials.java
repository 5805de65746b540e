package ai.cacheblend.worker.access;

import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate of the worker and the authorities of its clients. New connections use the last
 * files that were valid.
 */
public final class TlsCredentials {
  private static final Logger log = LoggerFactory.getLogger(TlsCredentials.class);

  private final TlsFiles files;
  private final FileStamps stamps;
  private final AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
  private final AdvancedTlsX509TrustManager clients;

  private TlsCredentials(TlsFiles files) {
    this.files = files;
    List<Path> watched = new ArrayList<>(List.of(files.certificate(), files.key()));
    files.clientAuthority().ifPresent(watched::add);
    this.stamps = new FileStamps(watched);
    try {
      this.clients =
          AdvancedTlsX509TrustManager.newBuilder()
              // A client has no host name to compare.
              .setVerification(
                  AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
              .build();
    } catch (CertificateException e) {
      throw new IllegalStateException("no X.509 trust manager", e);
    }
  }

  /**
   * Reads the files.
   *
   * @throws AccessException if one cannot be used
   */
  public static TlsCredentials load(TlsFiles files) {
    TlsCredentials credentials = new TlsCredentials(files);
    credentials.stamps.changed();
    credentials.read();
    return credentials;
  }

  public ServerCredentials server() {
    TlsServerCredentials.Builder builder = TlsServerCredentials.newBuilder().keyManager(keys);
    if (files.clientAuthority().isPresent()) {
      builder.trustManager(clients).clientAuth(TlsServerCredentials.ClientAuth.REQUIRE);
    }
    return builder.build();
  }

  /** Reads changed files. Keeps the previous ones if the new ones cannot be used. */
  public void reload() {
    if (!stamps.changed()) {
      return;
    }
    try {
      read();
      log.info("reloaded {}", files.certificate());
    } catch (AccessException e) {
      log.warn("{}; the previous certificate stays in use", e.getMessage());
    }
  }

  private void read() {
    X509Certificate[] chain = PemFiles.certificates(files.certificate());
    PrivateKey key = PemFiles.key(files.key());
    PemFiles.requirePair(files, chain[0], key);
    if (Instant.now().isAfter(chain[0].getNotAfter().toInstant())) {
      throw new AccessException(
          "the certificate %s expired at %s; renew it"
              .formatted(files.certificate(), chain[0].getNotAfter().toInstant()));
    }
    files
        .clientAuthority()
        .ifPresent(
            file -> {
              try {
                clients.updateTrustCredentials(PemFiles.certificates(file));
              } catch (IOException | GeneralSecurityException e) {
                throw new AccessException(
                    "%s cannot be used: %s".formatted(file, e.getMessage()), e);
              }
            });
    keys.updateIdentityCredentials(chain, key);
  }
}
