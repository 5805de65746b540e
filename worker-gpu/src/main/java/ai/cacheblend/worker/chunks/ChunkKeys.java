package ai.cacheblend.worker.chunks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Computes chunk keys. A key covers everything that the KV of a chunk depends on: the model's
 * fingerprint (configuration, RoPE parameters and weights), dtype, BOS token, format version and
 * token ids. Thread-safe.
 */
public final class ChunkKeys {
  private static final int FORMAT_VERSION = 1;

  /** 16 MiB. */
  private static final int MAX_CACHED_INT_COUNT = 1 << 22;

  /** Memory of an entry beside its ids, in ids. */
  private static final int ENTRY_INT_COUNT = 64;

  private final byte[] fingerprint;
  private final byte[] dtype;
  private final OptionalInt bosTokenId;
  private final int maxCachedIntCount;

  /**
   * Least recently used first. Every request looks up its chunks before its first token, and
   * comparing ids is much cheaper than hashing them.
   */
  @GuardedBy("this")
  private final Map<Ids, ChunkKey> cached = new LinkedHashMap<>(16, 0.75f, true);

  @GuardedBy("this")
  private int cachedIntCount;

  public ChunkKeys(String fingerprint, String dtype, OptionalInt bosTokenId) {
    this(fingerprint, dtype, bosTokenId, MAX_CACHED_INT_COUNT);
  }

  ChunkKeys(String fingerprint, String dtype, OptionalInt bosTokenId, int maxCachedIntCount) {
    this.maxCachedIntCount = maxCachedIntCount;
    this.fingerprint = fingerprint.getBytes(UTF_8);
    this.dtype = dtype.getBytes(UTF_8);
    this.bosTokenId = bosTokenId;
  }

  public synchronized ChunkKey of(ImmutableIntArray tokenIds) {
    Ids ids = new Ids(tokenIds);
    ChunkKey hit = cached.get(ids);
    if (hit != null) {
      return hit;
    }
    ChunkKey key = hash(tokenIds);
    cache(new Ids(tokenIds.trimmed()), key);
    return key;
  }

  synchronized int cachedCount() {
    return cached.size();
  }

  @GuardedBy("this")
  private void cache(Ids ids, ChunkKey key) {
    cached.put(ids, key);
    cachedIntCount += ids.weight();
    Iterator<Ids> oldestFirst = cached.keySet().iterator();
    while (cachedIntCount > maxCachedIntCount) {
      cachedIntCount -= oldestFirst.next().weight();
      oldestFirst.remove();
    }
  }

  /** Variable-length parts follow their length, so that different parts never give equal bytes. */
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

  /** Token ids as a map key. */
  private static final class Ids {
    /** The hash code samples the ids: different texts differ in many places. */
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
