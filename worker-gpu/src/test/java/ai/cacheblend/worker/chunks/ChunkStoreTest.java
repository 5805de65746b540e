package ai.cacheblend.worker.chunks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.chunks.ChunkStore.Use;
import ai.cacheblend.worker.testing.FakeKvMemory;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkStoreTest {
  /** Ten bytes per token: room for three chunks of ten. */
  private final ChunkStore store = new ChunkStore(300);

  private final FakeKvMemory memory = new FakeKvMemory(10);

  @Test
  void theLeastRecentlyUsedChunkGoesFirst() {
    add("a").close();
    add("b").close();
    add("c").close();
    use("a", Use.GENERATE);

    store.makeRoom(100);
    add("d").close();

    assertThat(holds("b")).isFalse();
    assertThat(holds("a") && holds("c") && holds("d")).isTrue();
    assertThat(memory.liveChunkCount()).isEqualTo(3);
    assertThat(store.figures()).isEqualTo(new ChunkFigures(3, 300, 300, 0, 4, 1));
  }

  @Test
  void aCheckLeavesTheOrderOfEvictionAlone() {
    add("a").close();
    add("b").close();
    add("c").close();
    use("a", Use.CHECK);

    store.makeRoom(100);

    assertThat(holds("a")).isFalse();
  }

  @Test
  void aLeasedChunkIsNeverEvicted() {
    ChunkStore.Lease a = add("a");
    add("b").close();
    add("c").close();

    store.makeRoom(200);

    assertThat(holds("a")).isTrue();
    assertThat(store.figures().chunkCount()).isEqualTo(1);
    assertThatExceptionOfType(CapacityException.class)
        .isThrownBy(() -> store.makeRoom(201))
        .withMessageContainingAll("201", "300", "100", "--chunk-memory");
    a.close();
    store.makeRoom(300);
    assertThat(memory.liveChunkCount()).isZero();
  }

  @Test
  void whatCannotFitEvictsNothing() {
    add("a").close();

    assertThatExceptionOfType(CapacityException.class).isThrownBy(() -> store.makeRoom(301));

    assertThat(holds("a")).isTrue();
    assertThat(store.figures().evictedCount()).isZero();
  }

  @Test
  void aDroppedChunkInUseIsFreedWithItsLastLease() {
    ChunkStore.Lease first = add("a");
    ChunkStore.Lease second = store.lease(key("a"), Use.GENERATE).orElseThrow();

    assertThat(store.drop(List.of(key("a"), key("unknown"))))
        .isEqualTo(new ChunkStore.Dropped(1, 100));

    assertThat(holds("a")).isFalse();
    first.close();
    first.close();
    assertThat(memory.liveChunkCount()).isEqualTo(1);
    assertThat(store.figures().byteCount()).isEqualTo(100);
    second.close();
    assertThat(memory.liveChunkCount()).isZero();
    assertThat(store.figures().byteCount()).isZero();
  }

  @Test
  void onlyCollectCountsHits() {
    add("a").close();
    use("a", Use.COLLECT);
    use("a", Use.GENERATE);
    use("a", Use.CHECK);

    assertThat(store.figures().hitCount()).isEqualTo(1);
    assertThat(store.figures().computedCount()).isEqualTo(1);
  }

  @Test
  void dropAllAndCloseFreeEverything() {
    add("a").close();
    add("b").close();

    assertThat(store.dropAll()).isEqualTo(new ChunkStore.Dropped(2, 200));
    assertThat(memory.liveChunkCount()).isZero();
    add("c").close();
    store.close();
    assertThat(memory.liveChunkCount()).isZero();
  }

  private ChunkStore.Lease add(String name) {
    return store.add(key(name), memory.allocateChunk(10));
  }

  private void use(String name, Use use) {
    store.lease(key(name), use).orElseThrow().close();
  }

  private boolean holds(String name) {
    return store
        .lease(key(name), Use.CHECK)
        .map(
            lease -> {
              lease.close();
              return true;
            })
        .orElse(false);
  }

  private static ChunkKey key(String name) {
    return new ChunkKey(Integer.toHexString(name.hashCode() & 0xf).repeat(64).substring(0, 64));
  }
}
