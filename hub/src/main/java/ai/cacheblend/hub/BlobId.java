package ai.cacheblend.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Hash of a file's content, and its name in the cache: the SHA-256 of a Git LFS file, or the id of
 * a Git blob, which is the SHA-1 of a header and the content.
 *
 * @param hex 64 or 40 hexadecimal digits in lower case
 */
record BlobId(String hex) {

  private static final int SHA256_LENGTH = 64;
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

  BlobId {
    if (!FORM.matcher(hex).matches()) {
      throw new IllegalArgumentException("'%s' is not a SHA-1 or SHA-256".formatted(hex));
    }
  }

  private boolean isSha256() {
    return hex.length() == SHA256_LENGTH;
  }

  /**
   * A digest to update with the content.
   *
   * @param size bytes of the content, which are part of the header of a Git blob
   */
  MessageDigest digest(long size) {
    try {
      MessageDigest digest = MessageDigest.getInstance(isSha256() ? "SHA-256" : "SHA-1");
      if (!isSha256()) {
        digest.update(("blob " + size + '\0').getBytes(US_ASCII));
      }
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Both are in every JDK.
    }
  }

  boolean matches(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).equals(hex);
  }
}
