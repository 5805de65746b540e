package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.chunks.tier.TierKind;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.invariants.Prompts.PlacedChunk;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.NativeStoredKv;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Chunks that come from tiers with 8-bit KV. */
@Timeout(120)
@ParameterizedClass
@CsvSource({"GROUPED, FP8", "GROUPED, INT8", "TIED, FP8", "TIED, INT8", "TWO_ROTATIONS, FP8"})
class TierEncodingTest {
  private static final List<Arm> ARMS =
      List.of(Arms.FULL_KV_REUSE, Arms.byValue(0.15), Arms.queryAttention(0.15));

  @TempDir private Path directory;
  private final SmallModel model;
  private final KvEncoding encoding;
  private TestWorker worker;

  TierEncodingTest(SmallModel model, KvEncoding encoding) {
    this.model = model;
    this.encoding = encoding;
  }

  @BeforeEach
  void open() {
    worker = open(encoding);
    worker.collect(FOUR_CHUNKS);
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @Test
  @DisplayName("E1: every number of a loaded chunk is within the bound of the encoding")
  void errorIsBounded() {
    for (PlacedChunk chunk : Prompts.chunks(FOUR_CHUNKS)) {
      Image computed = new Image(worker.stored(chunk.tokenIds()));
      demote(TierKind.HOST);
      worker.run(FOUR_CHUNKS, Arms.FULL_KV_REUSE);
      Image loaded = new Image(worker.stored(chunk.tokenIds()));

      int changed = 0;
      for (int row = 0; row < computed.rows.length; row++) {
        for (int head = 0; head < model.shape().kvHeadCount(); head++) {
          changed += requireClose(computed.rows[row], loaded.rows[row], head, "row " + row);
        }
      }
      assertThat(changed).isPositive();
      worker.engine().reset(List.of(), Interruption.NEVER).result().join();
      worker.collect(FOUR_CHUNKS);
    }
  }

  /** Returns how many numbers of the head were changed. */
  private int requireClose(float[] computed, float[] loaded, int head, String what) {
    int size = model.shape().headSize();
    float largest = 0;
    for (int i = head * size; i < (head + 1) * size; i++) {
      largest = Math.max(largest, Math.abs(computed[i]));
    }
    // Half the distance of the largest codes: 32 of 448, or 1 of 127.
    double bound = largest * 1.00001 * (encoding == KvEncoding.FP8 ? 16 / 448.0 : 0.5 / 127);
    int changed = 0;
    for (int i = head * size; i < (head + 1) * size; i++) {
      if (!(Math.abs(loaded[i] - computed[i]) <= bound)) {
        throw new AssertionError(
            "%s, head %d, number %d: %s instead of %s"
                .formatted(what, head, i, loaded[i], computed[i]));
      }
      changed += loaded[i] == computed[i] ? 0 : 1;
    }
    return changed;
  }

  @Test
  @DisplayName("E2: every tier gives the same KV, rows and tokens, in every load")
  void tiersDoNotDiffer() {
    for (Arm arm : ARMS) {
      demote(TierKind.HOST);
      Run host = worker.run(FOUR_CHUNKS, arm, 3);
      TestTiers.requireFromEachTier(worker, FOUR_CHUNKS, arm, host, TierKind.HOST);
    }
  }

  @Test
  @DisplayName("E3: a worker with another encoding does not find the chunks")
  void otherEncodingsHaveTheirOwnEntries() {
    demote(TierKind.DISK);
    worker.close();

    worker = open(KvEncoding.NATIVE);

    assertThat(worker.collect(FOUR_CHUNKS).chunks()).noneMatch(chunk -> chunk.hit());
    worker.close();
    worker = open(encoding);
    assertThat(worker.collect(FOUR_CHUNKS).chunks()).allMatch(chunk -> chunk.hit());
  }

  @Test
  @DisplayName("E4: host memory and disk have the bytes of the encoding")
  void tiersHaveFewerBytes() {
    demote(TierKind.DISK);
    worker.run(FOUR_CHUNKS, Arms.FULL_KV_REUSE);

    int heads = model.shape().kvHeadCount();
    long bytesPerRow = 2L * SmallModel.LAYERS * heads * (model.shape().headSize() + Float.BYTES);
    long rows = 37 + 41 + 30 + 28; // of the four chunks
    // A load ends after the step that reads its last layer.
    while (worker.engine().tierStatistics().stream().anyMatch(tier -> tier.hitCount() < 4)) {
      Thread.onSpinWait();
    }
    assertThat(worker.engine().tierStatistics())
        .allMatch(tier -> tier.readByteCount() == rows * bytesPerRow);
  }

  /** Keys and values of a chunk on the device, a row after the other. */
  private static final class Image {
    final float[][] rows;

    Image(NativeStoredKv kv) {
      int count = SmallModel.LAYERS * kv.tokenCount();
      rows = new float[2 * count][];
      for (int i = 0; i < count; i++) {
        rows[2 * i] = kv.key(i / kv.tokenCount(), i % kv.tokenCount());
        rows[2 * i + 1] = kv.value(i / kv.tokenCount(), i % kv.tokenCount());
      }
    }
  }

  private TestWorker open(KvEncoding form) {
    TestTiers tiers = new TestTiers(model, directory, form);
    return new TestWorker(
        model, new BatchLimits(4, 64), pool -> tiers.open(pool, TestTiers.DEVICE_BYTES));
  }

  private void demote(TierKind tier) {
    TestTiers.demote(worker, FOUR_CHUNKS, tier);
  }
}
