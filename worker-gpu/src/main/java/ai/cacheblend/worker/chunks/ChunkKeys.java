package ai.cacheblend.worker.chunks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Makes keys. The fingerprint covers the model's configuration, rotation (RoPE) included, and its
 * weights; format version, dtype and the BOS row that a chunk was computed behind make the rest of
 * what its KV depends on. Single thread.
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
  private final int maxRememberedIntCount;

  /**
   * A chunk is collected once and then leased before each first token: comparing its ids is much
   * cheaper than hashing them. Least recently used first.
   */
  private final Map<Ids, ChunkKey> remembered = new LinkedHashMap<>(16, 0.75f, true);

  private int rememberedIntCount;

  public ChunkKeys(String fingerprint, String dtype, OptionalInt bosTokenId) {
    this(fingerprint, dtype, bosTokenId, REMEMBERED_INT_COUNT);
  }

  ChunkKeys(String fingerprint, String dtype, OptionalInt bosTokenId, int maxRememberedIntCount) {
    this.maxRememberedIntCount = maxRememberedIntCount;
    this.fingerprint = fingerprint.getBytes(UTF_8);
    this.dtype = dtype.getBytes(UTF_8);
    this.bosTokenId = bosTokenId;
  }

  public ChunkKey of(ImmutableIntArray tokenIds) {
    Ids ids = new Ids(tokenIds);
    ChunkKey known = remembered.get(ids);
    if (known != null) {
      return known;
    }
    ChunkKey key = hash(tokenIds);
    remember(new Ids(tokenIds.trimmed()), key);
    return key;
  }

  int rememberedCount() {
    return remembered.size();
  }

  private void remember(Ids ids, ChunkKey key) {
    remembered.put(ids, key);
    rememberedIntCount += ids.weight();
    Iterator<Ids> oldestFirst = remembered.keySet().iterator();
    while (rememberedIntCount > maxRememberedIntCount) {
      rememberedIntCount -= oldestFirst.next().weight();
      oldestFirst.remove();
    }
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

  /** Ids of a chunk, to be found again. */
  private static final class Ids {
    /** Texts differ early and often; that they are the same is for equals to say. */
    private static final int HASHED_STEP = 16;

    private final ImmutableIntArray values;
    private final int hash;

    Ids(ImmutableIntArray values) {
      this.values = values;
      int sum = values.length();
      for (int i = 0; i < values.length(); i += HASHED_STEP) {
        sum = 31 * sum + values.get(i);
      }
      this.hash = sum;
    }

    int weight() {
      return ENTRY_INT_COUNT + values.length();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ids ids && values.equals(ids.values);
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }
}
