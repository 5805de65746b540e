package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.ChunkStatistics;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The chunk store of a mock worker. */
final class MockChunks {
  private final String fingerprint;
  private final long budgetBytes;

  @GuardedBy("this")
  private final Map<String, Long> bytesByKey = new LinkedHashMap<>();

  @GuardedBy("this")
  private long hitCount;

  @GuardedBy("this")
  private long computedCount;

  MockChunks(String fingerprint, long budgetBytes) {
    this.fingerprint = fingerprint;
    this.budgetBytes = budgetBytes;
  }

  String key(ImmutableIntArray ids) {
    Hasher hasher = Hashing.sha256().newHasher().putString(fingerprint, StandardCharsets.UTF_8);
    ids.forEach(hasher::putInt);
    return hasher.hash().toString();
  }

  static long byteCount(ImmutableIntArray ids) {
    return ids.length() * MockScript.KV_BYTES_PER_TOKEN;
  }

  synchronized boolean contains(String key) {
    return bytesByKey.containsKey(key);
  }

  /** Stores a chunk; returns false if it is already stored. */
  synchronized boolean add(String key, long byteCount) {
    if (bytesByKey.containsKey(key)) {
      hitCount++;
      return false;
    }
    long used = bytesByKey.values().stream().mapToLong(Long::longValue).sum();
    if (used + byteCount > budgetBytes) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription(
              "a chunk of " + byteCount + " bytes does not fit; " + (budgetBytes - used) + " free")
          .asRuntimeException();
    }
    bytesByKey.put(key, byteCount);
    computedCount++;
    return true;
  }

  /** Drops chunks, all if {@code keys} is empty; returns their number and bytes. */
  synchronized long[] drop(List<String> keys) {
    long[] dropped = new long[2];
    for (String key : keys.isEmpty() ? List.copyOf(bytesByKey.keySet()) : keys) {
      Long byteCount = bytesByKey.remove(key);
      if (byteCount != null) {
        dropped[0]++;
        dropped[1] += byteCount;
      }
    }
    return dropped;
  }

  synchronized ChunkStatistics statistics() {
    return ChunkStatistics.newBuilder()
        .setChunkCount(bytesByKey.size())
        .setByteCount(bytesByKey.values().stream().mapToLong(Long::longValue).sum())
        .setBudgetByteCount(budgetBytes)
        .setHitCount(hitCount)
        .setComputedCount(computedCount)
        .build();
  }
}
