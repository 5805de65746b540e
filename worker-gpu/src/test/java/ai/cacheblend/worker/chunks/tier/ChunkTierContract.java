package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.testing.DirectKv;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every tier does. A subclass opens the tier. */
abstract class ChunkTierContract {
  static final ChunkKey KEY = new ChunkKey("a".repeat(64));
  static final ChunkKey OTHER_KEY = new ChunkKey("b".repeat(64));

  /** Three layers. */
  static final KvForm FORM = new KvForm(new KvShape(3, 2, 4), Element.BF16, 5, KvEncoding.NATIVE);

  ChunkTier tier;

  /** An empty tier with room for two chunks at least. */
  abstract ChunkTier open() throws Exception;

  /** Makes an entry unreadable behind its first layer. */
  abstract void cutBehindFirstLayer(ChunkKey key) throws Exception;

  @BeforeEach
  void openTier() throws Exception {
    tier = open();
  }

  @AfterEach
  void closeTier() {
    tier.close();
  }

  @Test
  void readsBackWhatWasWrittenLayerByLayer() {
    DirectKv kv = DirectKv.random(FORM, 1);
    assertThat(tier.write(KEY, kv).join()).isTrue();
    DirectKv read = new DirectKv(FORM);
    List<Integer> layers = Collections.synchronizedList(new ArrayList<>());

    assertThat(tier.contains(KEY)).isTrue();
    assertThat(tier.read(KEY, read, layers::add).join()).isTrue();

    assertThat(read.content()).isEqualTo(kv.content());
    assertThat(layers).containsExactly(0, 1, 2);
    TierStatistics statistics = tier.statistics();
    assertThat(statistics.hitCount()).isEqualTo(1);
    assertThat(statistics.missCount()).isZero();
    assertThat(statistics.readByteCount()).isEqualTo(FORM.byteCount());
    assertThat(statistics.writtenByteCount()).isEqualTo(FORM.byteCount());
  }

  @Test
  void unknownKeyIsMiss() {
    assertThat(tier.contains(KEY)).isFalse();
    assertThat(tier.read(KEY, new DirectKv(FORM), layer -> {}).join()).isFalse();
    assertThat(tier.statistics().missCount()).isEqualTo(1);
    assertThat(tier.statistics().corruptCount()).isZero();
  }

  @Test
  void incompleteEntryIsMissAndRemoved() throws Exception {
    tier.write(KEY, DirectKv.random(FORM, 1)).join();
    cutBehindFirstLayer(KEY);

    assertThat(tier.read(KEY, new DirectKv(FORM), layer -> {}).join()).isFalse();

    assertThat(tier.contains(KEY)).isFalse();
    assertThat(tier.statistics().missCount()).isEqualTo(1);
    assertThat(tier.statistics().corruptCount()).isEqualTo(1);
  }

  @Test
  void entryOfAnotherFormIsCorrupt() {
    tier.write(KEY, DirectKv.random(FORM, 1)).join();
    KvForm longer =
        new KvForm(FORM.shape(), FORM.element(), FORM.tokenCount() + 1, KvEncoding.NATIVE);

    assertThat(tier.read(KEY, new DirectKv(longer), layer -> {}).join()).isFalse();

    assertThat(tier.statistics().corruptCount()).isEqualTo(1);
  }

  @Test
  void firstEntryOfKeyIsKept() {
    DirectKv first = DirectKv.random(FORM, 1);
    tier.write(KEY, first).join();
    tier.write(KEY, DirectKv.random(FORM, 2)).join();
    DirectKv read = new DirectKv(FORM);

    assertThat(tier.read(KEY, read, layer -> {}).join()).isTrue();

    assertThat(read.content()).isEqualTo(first.content());
  }

  @Test
  void removesOneEntryOrAll() {
    tier.write(KEY, DirectKv.random(FORM, 1)).join();
    tier.write(OTHER_KEY, DirectKv.random(FORM, 2)).join();

    tier.remove(KEY);
    assertThat(tier.contains(KEY)).isFalse();
    assertThat(tier.contains(OTHER_KEY)).isTrue();

    tier.removeAll();
    assertThat(tier.contains(OTHER_KEY)).isFalse();
  }
}
