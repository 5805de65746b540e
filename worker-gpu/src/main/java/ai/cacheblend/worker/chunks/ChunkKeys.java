package ai.cacheblend.worker.chunks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;

/**
 * Makes keys. The fingerprint covers the model's configuration, rotation (RoPE) included, and its
 * weights; format version, dtype and the BOS row that a chunk was computed behind make the rest of
 * what its KV depends on.
 */
public final class ChunkKeys {
  private static final int FORMAT_VERSION = 1;

  /** Some 16 MB. */
  private static final int REMEMBERED_INT_COUNT = 1 << 22;

  /** What an entry takes beside its ids, as so many ids. */
  private static final int ENTRY_INT_COUNT = 64;

  private final byte[] fingerprint;
  private final byte[] dtype;
  private final OptionalInt bosTokenId;

  /**
   * A chunk is collected once and then leased before each first token: comparing its ids is much
   * cheaper than hashing them.
   */
  private final Cache<ImmutableIntArray, ChunkKey> remembered =
      CacheBuilder.newBuilder()
          .concurrencyLevel(1)
          .maximumWeight(REMEMBERED_INT_COUNT)
          .weigher(
              (ImmutableIntArray tokenIds, ChunkKey key) -> ENTRY_INT_COUNT + tokenIds.length())
          .build();

  public ChunkKeys(String fingerprint, String dtype, OptionalInt bosTokenId) {
    this.fingerprint = fingerprint.getBytes(UTF_8);
    this.dtype = dtype.getBytes(UTF_8);
    this.bosTokenId = bosTokenId;
  }

  public ChunkKey of(ImmutableIntArray tokenIds) {
    ChunkKey known = remembered.getIfPresent(tokenIds);
    if (known != null) {
      return known;
    }
    ChunkKey key = hash(tokenIds);
    remembered.put(tokenIds.trimmed(), key);
    return key;
  }

  /** Texts with their length, so that no two lists of parts spell the same bytes. */
  private ChunkKey hash(ImmutableIntArray tokenIds) {
    int intCount = 5 + tokenIds.length();
    ByteBuffer bytes =
        ByteBuffer.allocate(intCount * Integer.BYTES + fingerprint.length + dtype.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(FORMAT_VERSION)
            .putInt(fingerprint.length)
            .put(fingerprint)
            .putInt(dtype.length)
            .put(dtype)
            .putInt(bosTokenId.orElse(-1))
            .putInt(tokenIds.length());
    bytes.asIntBuffer().put(tokenIds.toArray());
    return new ChunkKey(Hashing.sha256().hashBytes(bytes.array()).toString());
  }
}
