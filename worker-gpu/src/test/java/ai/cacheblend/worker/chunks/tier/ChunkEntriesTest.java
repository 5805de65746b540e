package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ai.cacheblend.worker.chunks.ChunkKey;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class ChunkEntriesTest {
  private final ChunkEntries<String> entries = new ChunkEntries<>();

  @Test
  void theLeastRecentlyUsedIsEvictedFirst() {
    add(entries, 1, 2, 3);
    assertThat(entries.use(key(1))).contains("1");
    assertThat(entries.get(key(2))).contains("2"); // no use

    assertThat(entries.keys()).containsExactly(key(2), key(3), key(1));
    assertThat(entries.evict(entry -> true)).contains(evicted(2));
    assertThat(entries.evict(entry -> true)).contains(evicted(3));
    assertThat(entries.keys()).containsExactly(key(1));
  }

  @Test
  void entriesThatMayNotGoStayInOrder() {
    add(entries, 1, 2, 3);

    assertThat(entries.evict(entry -> entry.equals("2"))).contains(evicted(2));
    assertThat(entries.evict(entry -> entry.equals("2"))).isEmpty();
    assertThat(entries.keys()).containsExactly(key(1), key(3));
  }

  @Test
  void removedEntriesAreForgotten() {
    add(entries, 1, 2);

    assertThat(entries.remove(key(1))).contains("1");
    assertThat(entries.remove(key(1))).isEmpty();
    assertThat(entries.use(key(1))).isEmpty();
    assertThat(entries.contains(key(1))).isFalse();
    assertThat(entries.size()).isOne();
    add(entries, 1);
    assertThat(entries.keys()).containsExactly(key(2), key(1));
  }

  @Test
  void aChunkHasOneEntry() {
    add(entries, 1);

    assertThatIllegalStateException().isThrownBy(() -> add(entries, 1));
  }

  @Test
  void thePolicyDecidesTheOrder() {
    ChunkEntries<String> inOrderOfArrival = new ChunkEntries<>(new FirstInFirstOut());
    add(inOrderOfArrival, 1, 2, 3);
    inOrderOfArrival.use(key(1));
    inOrderOfArrival.remove(key(2));

    assertThat(inOrderOfArrival.keys()).containsExactly(key(1), key(3));
    assertThat(inOrderOfArrival.evict(entry -> true)).contains(evicted(1));
  }

  private static final class FirstInFirstOut implements EvictionPolicy {
    private final Deque<ChunkKey> keys = new ArrayDeque<>();

    @Override
    public void used(ChunkKey key) {
      if (!keys.contains(key)) {
        keys.add(key);
      }
    }

    @Override
    public void removed(ChunkKey key) {
      keys.remove(key);
    }

    @Override
    public Iterable<ChunkKey> order() {
      return keys;
    }
  }

  private static void add(ChunkEntries<String> entries, int... numbers) {
    for (int number : numbers) {
      entries.add(key(number), Integer.toString(number));
    }
  }

  private static ChunkEntries.Evicted<String> evicted(int number) {
    return new ChunkEntries.Evicted<>(key(number), Integer.toString(number));
  }

  private static ChunkKey key(int number) {
    return new ChunkKey("%064x".formatted(number));
  }
}
