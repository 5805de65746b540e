package ai.cacheblend.worker.chunks.tier;

import static com.google.common.base.Preconditions.checkState;

import ai.cacheblend.worker.chunks.ChunkKey;
import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a tier knows of its chunks, by key. Owns the tier's {@link EvictionPolicy}. Not thread-safe.
 */
public final class ChunkEntries<V> {
  /** An entry that was evicted. */
  public record Evicted<V>(ChunkKey key, V entry) {}

  private final Map<ChunkKey, V> entries = new HashMap<>();
  private final EvictionPolicy policy;

  /** Evicts the least recently used chunk first. */
  public ChunkEntries() {
    this(new LeastRecentlyUsed());
  }

  ChunkEntries(EvictionPolicy policy) {
    this.policy = policy;
  }

  public boolean contains(ChunkKey key) {
    return entries.containsKey(key);
  }

  /** Without a use of the chunk. */
  public Optional<V> get(ChunkKey key) {
    return Optional.ofNullable(entries.get(key));
  }

  /** The entry of a chunk that is used now. */
  public Optional<V> use(ChunkKey key) {
    Optional<V> entry = get(key);
    if (entry.isPresent()) {
      policy.used(key);
    }
    return entry;
  }

  /** For a chunk without an entry. */
  public void add(ChunkKey key, V entry) {
    checkState(entries.putIfAbsent(key, entry) == null, "chunk %s has an entry", key);
    policy.used(key);
  }

  public Optional<V> remove(ChunkKey key) {
    Optional<V> entry = Optional.ofNullable(entries.remove(key));
    if (entry.isPresent()) {
      policy.removed(key);
    }
    return entry;
  }

  /** Removes the first entry in the order of the policy that may be evicted; empty if none may. */
  public Optional<Evicted<V>> evict(Predicate<V> mayBeEvicted) {
    for (ChunkKey key : policy.order()) {
      V entry = entries.get(key);
      if (mayBeEvicted.test(entry)) {
        remove(key);
        return Optional.of(new Evicted<>(key, entry));
      }
    }
    return Optional.empty();
  }

  /** The first to be evicted first. */
  public List<ChunkKey> keys() {
    return ImmutableList.copyOf(policy.order());
  }

  public int size() {
    return entries.size();
  }
}
