package ai.cacheblend.worker.chunks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.chunks.ChunkStore.Use;
import ai.cacheblend.worker.kv.HostMemory;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvExhaustedException;
import ai.cacheblend.worker.kv.StoredKv;
import ai.cacheblend.worker.testing.FakeKvPool;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkStoreTest {
  /** Ten bytes per token: room for three chunks of ten. */
  private final ChunkStore store = new ChunkStore(300);

  private final FakeKvPool pool = new FakeKvPool(10);

  @Test
  void evictsTheLeastRecentlyUsedChunkFirst() {
    add("a").close();
    add("b").close();
    add("c").close();
    use("a", Use.GENERATE);

    add("d").close();

    assertThat(holds("b")).isFalse();
    assertThat(holds("a") && holds("c") && holds("d")).isTrue();
    assertThat(pool.liveChunkCount()).isEqualTo(3);
    assertThat(store.statistics()).isEqualTo(new ChunkStatistics(3, 300, 300, 0, 4, 1));
  }

  @Test
  void checkDoesNotChangeTheEvictionOrder() {
    add("a").close();
    add("b").close();
    add("c").close();
    use("a", Use.CHECK);

    store.reserve(100).close();

    assertThat(holds("a")).isFalse();
  }

  @Test
  void leasedChunkIsNeverEvicted() {
    ChunkStore.Lease a = add("a");
    add("b").close();
    add("c").close();

    store.reserve(200).close();

    assertThat(holds("a")).isTrue();
    assertThat(store.statistics().chunkCount()).isEqualTo(1);
    a.close();
    store.reserve(300).close();
    assertThat(pool.liveChunkCount()).isZero();
  }

  @Test
  void chunkThatCannotFitEvictsNothing() {
    add("a").close();

    assertThatExceptionOfType(KvExhaustedException.class).isThrownBy(() -> store.reserve(301));

    assertThat(holds("a")).isTrue();
    assertThat(store.statistics().evictedCount()).isZero();
  }

  @Test
  void messageDistinguishesLeasedFromReservedBytes() {
    ChunkStore.Lease leased = add("a");
    ChunkStore.Lease again = store.lease(key("a"), Use.GENERATE).orElseThrow();
    add("b").close();
    ChunkStore.Reservation reserved = store.reserve(50);

    assertThatExceptionOfType(KvExhaustedException.class)
        .isThrownBy(() -> store.reserve(151))
        .withMessageContainingAll(
            "needs 151 bytes",
            "chunk memory of 300 bytes",
            "running requests lease 100 and reserve 50",
            "--chunk-memory");

    store.reserve(150).close();
    reserved.close();
    again.close();
    leased.close();
    store.reserve(300).close();
  }

  @Test
  void reservedBytesAreUnavailableToOtherChunks() {
    ChunkStore.Reservation first = store.reserve(100);
    ChunkStore.Reservation second = store.reserve(200);

    assertThatExceptionOfType(KvExhaustedException.class).isThrownBy(() -> store.reserve(1));

    first.commit(key("a"), pool.allocateChunk(10)).close();
    assertThat(store.statistics().byteCount()).isEqualTo(100);
    second.close();
    second.close();
    store.reserve(200).close();
    assertThat(holds("a")).isTrue();
  }

  @Test
  void firstOfTwoEqualChunksIsKept() {
    ChunkStore.Reservation first = store.reserve(100);
    ChunkStore.Reservation second = store.reserve(100);
    StoredKv kv = pool.allocateChunk(10);
    first.commit(key("a"), kv).close();

    ChunkStore.Lease lease = second.commit(key("a"), pool.allocateChunk(10));

    assertThat(lease.kv()).isSameAs(kv);
    lease.close();
    assertThat(pool.liveChunkCount()).isEqualTo(1);
    assertThat(store.statistics().byteCount()).isEqualTo(100);
  }

  @Test
  void droppedChunkIsFreedWithItsLastLease() {
    ChunkStore.Lease first = add("a");
    ChunkStore.Lease second = store.lease(key("a"), Use.GENERATE).orElseThrow();

    assertThat(store.drop(List.of(key("a"), key("unknown"))))
        .isEqualTo(new ChunkStore.Dropped(1, 100));

    assertThat(holds("a")).isFalse();
    first.close();
    first.close();
    assertThat(pool.liveChunkCount()).isEqualTo(1);
    assertThat(store.statistics().byteCount()).isEqualTo(100);
    assertThatExceptionOfType(KvExhaustedException.class).isThrownBy(() -> store.reserve(201));
    second.close();
    assertThat(pool.liveChunkCount()).isZero();
    assertThat(store.statistics().byteCount()).isZero();
  }

  @Test
  void onlyCollectCountsHits() {
    add("a").close();
    use("a", Use.COLLECT);
    use("a", Use.GENERATE);
    use("a", Use.CHECK);

    assertThat(store.statistics().hitCount()).isEqualTo(1);
    assertThat(store.statistics().computedCount()).isEqualTo(1);
  }

  @Test
  void dropAllAndCloseReleaseEverything() {
    add("a").close();
    add("b").close();

    assertThat(store.dropAll()).isEqualTo(new ChunkStore.Dropped(2, 200));
    assertThat(pool.liveChunkCount()).isZero();
    add("c").close();
    store.close();
    assertThat(pool.liveChunkCount()).isZero();
  }

  /** Freeing may wait for a device, and other requests must not wait with it. */
  @Test
  void memoryIsFreedOutsideTheLock() {
    List<Boolean> locked = new ArrayList<>();
    LockProbe evicted = new LockProbe(locked);
    LockProbe dropped = new LockProbe(locked);
    LockProbe leased = new LockProbe(locked);
    store.reserve(100).commit(key("a"), evicted).close();
    store.reserve(300).commit(key("b"), dropped).close();
    store.drop(List.of(key("b")));
    ChunkStore.Lease lease = store.reserve(100).commit(key("c"), leased);
    store.dropAll();
    lease.close();

    assertThat(locked).containsExactly(false, false, false);
  }

  private final class LockProbe implements StoredKv {
    private final List<Boolean> locked;

    LockProbe(List<Boolean> locked) {
      this.locked = locked;
    }

    @Override
    public int tokenCount() {
      return 10;
    }

    @Override
    public long byteCount() {
      return 100;
    }

    @Override
    public void copyTo(HostMemory to, long offset, KvEncoding encoding) {}

    @Override
    public void close() {
      locked.add(Thread.holdsLock(store));
    }
  }

  private ChunkStore.Lease add(String name) {
    try (ChunkStore.Reservation room = store.reserve(100)) {
      return room.commit(key(name), pool.allocateChunk(10));
    }
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
