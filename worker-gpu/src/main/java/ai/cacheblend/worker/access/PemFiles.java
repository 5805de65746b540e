package ai.cacheblend.worker.access;

import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;

/** Reads certificates and keys. */
final class PemFiles {
  private static final byte[] PROBE = {1, 2, 3, 4};

  private PemFiles() {}

  static X509Certificate[] certificates(Path file) {
    X509Certificate[] certificates;
    try (InputStream in = Files.newInputStream(file)) {
      certificates = CertificateUtils.getX509Certificates(in);
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new AccessException(
          "%s is not a PEM file of X.509 certificates: %s".formatted(file, e.getMessage()), e);
    }
    if (certificates.length == 0) {
      throw new AccessException("%s contains no certificate; expected PEM".formatted(file));
    }
    return certificates;
  }

  static PrivateKey key(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateUtils.getPrivateKey(in);
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new AccessException(
          ("%s is not an unencrypted PKCS#8 key in PEM; convert it with \"openssl pkcs8 -topk8 -nocrypt"
                  + " -in OLD -out NEW\"")
              .formatted(file),
          e);
    }
  }

  /** Refuses a key of another certificate. */
  static void requirePair(TlsFiles files, X509Certificate certificate, PrivateKey key) {
    boolean pair;
    try {
      String algorithm = signatureAlgorithm(key);
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(PROBE);
      pair = verifies(algorithm, certificate.getPublicKey(), signer.sign());
    } catch (GeneralSecurityException e) {
      throw new AccessException("%s cannot be used: %s".formatted(files.key(), e.getMessage()), e);
    }
    if (!pair) {
      throw new AccessException(
          "the key %s does not belong to the certificate %s"
              .formatted(files.key(), files.certificate()));
    }
  }

  private static boolean verifies(String algorithm, PublicKey key, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(key);
      verifier.update(PROBE);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String signatureAlgorithm(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> key.getAlgorithm();
    };
  }

  private static AccessException unreadable(Path file, IOException e) {
    return new AccessException(
        "%s cannot be read (%s)".formatted(file, e.getClass().getSimpleName()), e);
  }
}
