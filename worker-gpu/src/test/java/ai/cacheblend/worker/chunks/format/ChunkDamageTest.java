package ai.cacheblend.worker.chunks.format;

import static ai.cacheblend.worker.chunks.format.ChunkValues.FORM;
import static ai.cacheblend.worker.chunks.format.ChunkValues.check;
import static ai.cacheblend.worker.chunks.format.ChunkValues.description;
import static ai.cacheblend.worker.chunks.format.ChunkValues.randomData;
import static ai.cacheblend.worker.chunks.format.ChunkValues.value;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.format.Rejection.Kind;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every single-bit flip and every truncation of a value. */
class ChunkDamageTest {
  /** A native value of 13,312 bytes: 106,496 flips. */
  private static final KvForm SMALL =
      new KvForm(new KvShape(3, 2, 32), Element.BF16, 12, KvEncoding.NATIVE);

  @ParameterizedTest
  @EnumSource
  void everyFlippedBitIsCorrupt(KvEncoding encoding) {
    ChunkDescription chunk = description(SMALL, encoding);
    byte[] value = value(chunk, randomData(chunk, 6));
    assertThat(value.length * 8).isGreaterThanOrEqualTo(70_000);

    for (int bit = 0; bit < value.length * 8; bit++) {
      value[bit / 8] ^= (byte) (1 << bit % 8);
      requireCorrupt(check(value, value.length, chunk), "bit", bit);
      value[bit / 8] ^= (byte) (1 << bit % 8);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyTruncationIsCorrupt(KvEncoding encoding) {
    ChunkDescription chunk = description(FORM, encoding);
    byte[] value = value(chunk, randomData(chunk, 8));

    for (int byteCount = 0; byteCount < value.length; byteCount++) {
      requireCorrupt(check(value, byteCount, chunk), "length", byteCount);
    }
  }

  private static void requireCorrupt(Optional<Rejection> rejection, String unit, int number) {
    if (rejection.isEmpty() || rejection.get().kind() != Kind.CORRUPT) {
      throw new AssertionError(unit + " " + number + ": " + rejection);
    }
  }
}
