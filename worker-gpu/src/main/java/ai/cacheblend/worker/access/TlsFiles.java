package ai.cacheblend.worker.access;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * PEM files of a TLS server.
 *
 * @param certificate certificate of the worker, followed by those of intermediate authorities
 * @param key private key of the certificate, PKCS#8 without a password
 * @param clientAuthority authorities whose certificates clients must present; empty: clients need
 *     none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthority) {
  public TlsFiles {
    requireNonNull(certificate, "certificate is null");
    requireNonNull(key, "key is null");
    requireNonNull(clientAuthority, "clientAuthority is null");
  }
}
