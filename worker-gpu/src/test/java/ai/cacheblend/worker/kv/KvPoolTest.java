package ai.cacheblend.worker.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.model.Step;
import org.junit.jupiter.api.Test;

class KvPoolTest {
  private static final KvShape SHAPE = new KvShape(2, 3, 24);

  @Test
  void bytesPerTokenCountsKeysAndPaddedValuesOfAllLayers() {
    assertThat(NativeKvPool.bytesPerToken(KvStorage.host(), SHAPE))
        .isEqualTo(2 * 3 * (24 + 32) * Float.BYTES);
  }

  @Test
  void closedSequenceReleasesItsBlocks() {
    try (NativeKvPool pool = NativeKvPool.create(KvStorage.host(), SHAPE, 4)) {
      long bytes =
          4 * NativeKvPool.BLOCK_TOKEN_COUNT * NativeKvPool.bytesPerToken(KvStorage.host(), SHAPE);
      KvPoolStatistics empty = new KvPoolStatistics(64, 4, 4, 0, bytes, 0, 0, 0, 0, 0);
      assertThat(pool.statistics()).isEqualTo(empty);
      NativeKvSequence sequence = pool.reserve(65);
      assertThat(pool.statistics())
          .isEqualTo(new KvPoolStatistics(64, 4, 2, 2, bytes, 1, 0, 0, 0, 0));
      sequence.close();
      sequence.close();
      assertThat(pool.statistics()).isEqualTo(empty);
    }
  }

  @Test
  void chunksAreCounted() {
    try (NativeKvPool pool = NativeKvPool.create(KvStorage.host(), SHAPE, 4)) {
      try (NativeStoredKv chunk = pool.allocateChunk(10)) {
        assertThat(chunk.tokenCount()).isEqualTo(10);
        assertThat(chunk.byteCount()).isEqualTo(2 * 2 * 10 * 3 * 24 * Float.BYTES);
        assertThat(pool.statistics().chunkCount()).isEqualTo(1);
        assertThat(pool.statistics().chunkByteCount()).isEqualTo(chunk.byteCount());
      }
      assertThat(pool.statistics().chunkCount()).isZero();
      assertThat(pool.statistics().chunkByteCount()).isZero();
    }
  }

  @Test
  void exhaustionReportsNeededAndFreeBlocks() {
    try (NativeKvPool pool = NativeKvPool.create(KvStorage.host(), SHAPE, 4);
        NativeKvSequence sequence = pool.reserve(150)) {
      assertThat(sequence.handle()).isPositive();
      assertThatThrownBy(() -> pool.reserve(65))
          .isInstanceOf(KvExhaustedException.class)
          .hasMessage(
              "needs 2 KV blocks, 1 of 4 are free; shorten the request, or start the worker with a"
                  + " larger --kv-memory");
      assertThat(pool.statistics().freeBlockCount()).isEqualTo(1);
    }
    assertThatThrownBy(() -> NativeKvPool.create(KvStorage.host(), SHAPE, Long.MAX_VALUE))
        .isInstanceOf(KvExhaustedException.class);
  }

  @Test
  void invalidArgumentsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NativeKvPool.create(KvStorage.host(), SHAPE, 0))
        .withMessage("block count is 0, must be 1 or more");
    try (NativeKvPool pool = NativeKvPool.create(KvStorage.host(), SHAPE, 4);
        NativeKvSequence sequence = pool.reserve(50);
        NativeStoredKv chunk = pool.allocateChunk(10)) {
      assertThatIllegalArgumentException().isThrownBy(() -> pool.reserve(-1));
      assertThatIllegalArgumentException().isThrownBy(() -> pool.allocateChunk(0));
      assertThatIllegalStateException()
          .isThrownBy(() -> sequence.inject(chunk, 0))
          .withMessage("a stored chunk can be injected only when all its KV is captured");
      assertThatIllegalArgumentException().isThrownBy(() -> sequence.capture(chunk, 41));
    }
  }

  @Test
  void blocksArePublishedOnlyWithTheirKv() {
    BlockKeys keys = BlockKeys.copyOf(new byte[2 * BlockKeys.KEY_BYTES]);
    try (NativeKvPool pool = NativeKvPool.create(KvStorage.host(), SHAPE, 4);
        NativeKvSequence sequence = pool.reserve(128, keys)) {
      assertThat(sequence.sharedTokenCount()).isZero();
      assertThatIllegalStateException()
          .isThrownBy(() -> sequence.publish(keys))
          .withMessage("2 blocks hold 128 tokens, but layer 0 covers 0");
      assertThat(pool.statistics().cachedBlockCount()).isZero();
      assertThat(pool.dropCachedBlocks()).isZero();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> pool.reserve(64, keys))
          .withMessage("2 block keys for a reservation of 1 blocks; give one for each full block");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BlockKeys.copyOf(new byte[33]))
        .withMessage("33 bytes are not keys of 32 bytes");
  }

  @Test
  void useAfterCloseIsRefused() {
    NativeKvPool pool = NativeKvPool.create(KvStorage.host(), SHAPE, 4);
    NativeKvSequence sequence = pool.reserve(50);
    NativeStoredKv chunk = pool.allocateChunk(10);
    chunk.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> sequence.capture(chunk, 0))
        .withMessage("stored chunk is closed");
    sequence.close();
    assertThatIllegalStateException()
        .isThrownBy(sequence::handle)
        .withMessage("sequence is closed");
    assertThatIllegalStateException().isThrownBy(sequence::kvLoad);
    pool.close();
    pool.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> pool.reserve(1))
        .withMessage("KV pool is closed");
    assertThatIllegalStateException().isThrownBy(pool::statistics);
  }

  @Test
  void staleHandlesAreRefused() {
    NativeLibrary.path();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Native.kvLoad(123_456_789, new long[2]))
        .withMessage("sequence 123456789 is unknown or closed");
    assertThatIllegalArgumentException().isThrownBy(() -> Native.reserve(0, 1, new byte[0]));
    Native.closeChunk(-5); // closing twice is not an error
  }

  @Test
  void stepLimitEqualsThatOfTheNativeLibrary() {
    NativeLibrary.path();
    assertThat(Step.MAX_SEQUENCE_COUNT).isEqualTo(Native.maxStepSequences());
  }

  /** Free memory is limited by the machine and by cgroups. */
  @Test
  void hostMemoryIsReported() {
    KvStorage.DeviceMemory memory = KvStorage.host().memory();
    assertThat(memory.freeByteCount()).isPositive().isLessThanOrEqualTo(memory.totalByteCount());
  }

  @Test
  void invalidShapesAndStatisticsAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new KvShape(1, 0, 64));
    assertThatIllegalArgumentException().isThrownBy(() -> new KvShape(1, 1, 63));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new KvPoolStatistics(64, 4, 1, 2, 0, 0, 0, 0, 0, 0));
  }
}
