package ai.cacheblend.hub.mock;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A file of a repository. */
public final class MockFile {

  /** Where the Hub keeps the content. */
  public enum Storage {
    /** In the Git repository: the Hub sends it, or redirects to another path of its own. */
    GIT,
    /** Git LFS: the Hub redirects to a storage host. */
    LFS,
    /** Xet: as LFS for clients that do not know its protocol. */
    XET
  }

  private final String path;
  private final byte[] content;
  private final Storage storage;

  private MockFile(String path, byte[] content, Storage storage) {
    this.path = path;
    this.content = content;
    this.storage = storage;
  }

  /** As it is listed; may be one that a client must refuse. */
  public String path() {
    return path;
  }

  public byte[] content() {
    return content.clone();
  }

  Storage storage() {
    return storage;
  }

  public static MockFile git(String path, String content) {
    return new MockFile(path, content.getBytes(StandardCharsets.UTF_8), Storage.GIT);
  }

  public static MockFile git(String path, byte[] content) {
    return new MockFile(path, content, Storage.GIT);
  }

  public static MockFile lfs(String path, byte[] content) {
    return new MockFile(path, content, Storage.LFS);
  }

  public static MockFile xet(String path, byte[] content) {
    return new MockFile(path, content, Storage.XET);
  }

  /** Id of the blob that Git holds: the content, or the pointer to it. */
  public String gitId() {
    byte[] blob = storage == Storage.GIT ? content : pointer().getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream object = new ByteArrayOutputStream();
    object.writeBytes(("blob " + blob.length + '\0').getBytes(StandardCharsets.US_ASCII));
    object.writeBytes(blob);
    return hash("SHA-1", object.toByteArray());
  }

  String pointer() {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n"
        .formatted(sha256(), content.length);
  }

  public String sha256() {
    return hash("SHA-256", content);
  }

  /** Name of the content in a cache. */
  public String etag() {
    return storage == Storage.GIT ? gitId() : sha256();
  }

  static String hash(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
