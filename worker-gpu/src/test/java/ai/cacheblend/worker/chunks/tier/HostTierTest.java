package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.testing.FakeKvPool;
import com.google.common.base.Ticker;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HostTierTest {
  /** Two layers, one page in all. */
  private static final KvForm FORM =
      new KvForm(new KvShape(2, 1, 2), Element.BF16, 5, KvEncoding.NATIVE);

  /** Room for three chunks. */
  private final HostTier tier =
      new HostTier(
          new FakeKvPool(1).allocateHost(3 * RangeAllocator.ALIGNMENT), Ticker.systemTicker());

  @AfterEach
  void allMemoryComesBack() {
    tier.remove(tier.keys());
    assertThat(tier.statistics().byteCount()).isZero();
    assertThat(tier.add(key(0), bytes(3 * RangeAllocator.ALIGNMENT), TierKind.HOST)).isPresent();
  }

  @Test
  void evictsTheLeastRecentlyUsedChunk() {
    add(1).close();
    add(2).close();
    add(3).close();
    tier.lease(key(1)).orElseThrow().close();

    add(4).close();

    assertThat(tier.keys()).containsExactly(key(3), key(1), key(4));
    assertThat(tier.statistics().evictedCount()).isEqualTo(1);
  }

  @Test
  void leasedChunksAreNotEvicted() {
    HostTier.Lease first = add(1);
    HostTier.Lease again = first.again();
    add(2).close();
    assertThat(tier.add(key(3), bytes(3 * RangeAllocator.ALIGNMENT), TierKind.HOST)).isEmpty();
    assertThat(tier.contains(key(2))).isTrue();

    first.close();

    assertThat(tier.add(key(4), bytes(3 * RangeAllocator.ALIGNMENT), TierKind.HOST)).isEmpty();
    add(5).close();
    add(6).close();
    assertThat(tier.keys()).containsExactly(again.key(), key(5), key(6));
    again.close();
  }

  @Test
  void removedChunkKeepsItsMemoryWhileItIsLeased() {
    HostTier.Lease lease = add(1);
    lease.layer(0).put(0, (byte) 7);

    tier.remove(List.of(key(1)));
    add(2).close();
    add(3).close();

    assertThat(tier.contains(key(1))).isFalse();
    assertThat(lease.layer(0).get(0)).isEqualTo((byte) 7);
    lease.close();
    assertThat(tier.statistics().byteCount()).isEqualTo(2 * RangeAllocator.ALIGNMENT);
  }

  @Test
  void readersWaitForTheirLayer() {
    HostTier.Lease filler = tier.add(key(1), FORM, TierKind.DISK).orElseThrow();
    HostTier.Lease reader = tier.lease(key(1)).orElseThrow();
    CompletableFuture<Boolean> first = CompletableFuture.supplyAsync(() -> reader.awaitLayer(0));
    CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(() -> reader.awaitLayer(1));

    filler.arrived(0);
    assertThat(first.join()).isTrue();
    assertThat(second).isNotDone();
    filler.filled(true);

    assertThat(second.join()).isTrue();
    assertThat(reader.takeOrigin()).isEqualTo(TierKind.DISK);
    assertThat(reader.takeOrigin()).isEqualTo(TierKind.HOST);
    filler.close();
    reader.close();
  }

  @Test
  void incompleteChunkIsRemovedAndReleasesItsReaders() {
    HostTier.Lease filler = tier.add(key(1), FORM, TierKind.DISK).orElseThrow();
    HostTier.Lease reader = tier.lease(key(1)).orElseThrow();
    filler.arrived(0);

    filler.filled(false);

    assertThat(reader.awaitLayer(1)).isFalse();
    assertThat(tier.contains(key(1))).isFalse();
    filler.close();
    reader.close();
  }

  private HostTier.Lease add(int number) {
    HostTier.Lease lease = tier.add(key(number), FORM, TierKind.HOST).orElseThrow();
    lease.filled(true);
    return lease;
  }

  /** A form of this many bytes. */
  private static KvForm bytes(long byteCount) {
    return new KvForm(
        new KvShape(2, 1, 2), Element.BF16, Math.toIntExact(byteCount / 16), KvEncoding.NATIVE);
  }

  private static ChunkKey key(int number) {
    return new ChunkKey(Integer.toString(number).repeat(64));
  }
}
