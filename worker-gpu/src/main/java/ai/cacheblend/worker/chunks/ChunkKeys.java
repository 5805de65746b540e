package ai.cacheblend.worker.chunks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.util.OptionalInt;

/**
 * Makes keys. The fingerprint covers the model's configuration, rotation (RoPE) included, and its
 * weights; format version, dtype and the BOS row that a chunk was computed behind make the rest of
 * what its KV depends on.
 */
public final class ChunkKeys {
  private static final int FORMAT_VERSION = 1;

  private final String fingerprint;
  private final String dtype;
  private final OptionalInt bosTokenId;

  public ChunkKeys(String fingerprint, String dtype, OptionalInt bosTokenId) {
    this.fingerprint = fingerprint;
    this.dtype = dtype;
    this.bosTokenId = bosTokenId;
  }

  public ChunkKey of(ImmutableIntArray tokenIds) {
    Hasher hasher = Hashing.sha256().newHasher().putInt(FORMAT_VERSION);
    putText(hasher, fingerprint);
    putText(hasher, dtype);
    hasher.putInt(bosTokenId.orElse(-1)).putInt(tokenIds.length());
    for (int i = 0; i < tokenIds.length(); i++) {
      hasher.putInt(tokenIds.get(i));
    }
    return new ChunkKey(hasher.hash().toString());
  }

  /** With its length, so that no two lists of parts spell the same bytes. */
  private static void putText(Hasher hasher, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    hasher.putInt(bytes.length).putBytes(bytes);
  }
}
