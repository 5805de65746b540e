package ai.cacheblend.worker.chunks.format;

import static ai.cacheblend.worker.chunks.format.ChunkValues.FORM;
import static ai.cacheblend.worker.chunks.format.ChunkValues.check;
import static ai.cacheblend.worker.chunks.format.ChunkValues.description;
import static ai.cacheblend.worker.chunks.format.ChunkValues.randomData;
import static ai.cacheblend.worker.chunks.format.ChunkValues.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.format.Rejection.Kind;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChunkHeaderTest {
  @ParameterizedTest
  @EnumSource
  void aWrittenValueIsAccepted(KvEncoding encoding) {
    ChunkDescription chunk = description(FORM, encoding);
    byte[] value = value(chunk, randomData(chunk, 1));

    assertThat(check(value, value.length, chunk)).isEmpty();
  }

  @Test
  void layersBeginAtAMultipleOf4Kib() {
    KvForm large = new KvForm(new KvShape(126, 8, 128), Element.BF16, 4096, KvEncoding.NATIVE);

    assertThat(ChunkHeader.encodedByteCount(description(FORM, KvEncoding.NATIVE))).isEqualTo(4096);
    assertThat(ChunkHeader.encodedByteCount(description(large, KvEncoding.INT8)) % 4096).isZero();
  }

  @Test
  void layersOfNativeValuesHaveTheBytesOfTheDevice() {
    ChunkLayout layout = ChunkLayout.of(description(FORM, KvEncoding.NATIVE));

    assertThat(layout.layerByteCount()).isEqualTo(FORM.layerByteCount());
    assertThat(layout.layerOffset(2)).isEqualTo(2L * FORM.layerByteCount());
    assertThat(layout.dataByteCount()).isEqualTo(FORM.byteCount());
  }

  @Test
  void quantizedLayersHaveOneScalePerRowAndHead() {
    ChunkLayout layout = ChunkLayout.of(description(FORM, KvEncoding.FP8));

    // 12 tokens, 2 heads of 16 bytes; a scale of 4 bytes per head; keys and values
    assertThat(layout.layerByteCount()).isEqualTo(2 * 12 * 2 * (16 + 4));
  }

  static Stream<ChunkDescription> others() {
    KvShape shape = FORM.shape();
    return Stream.of(
        new ChunkDescription("e".repeat(64), key("0123456789abcdef"), FORM),
        new ChunkDescription("f".repeat(64), key("0123456789abcdee"), FORM),
        description(FORM, KvEncoding.INT8),
        description(new KvForm(shape, Element.FP16, 12, KvEncoding.NATIVE), KvEncoding.NATIVE),
        description(new KvForm(shape, Element.FP32, 12, KvEncoding.NATIVE), KvEncoding.NATIVE),
        description(new KvForm(shape, Element.BF16, 11, KvEncoding.NATIVE), KvEncoding.NATIVE),
        description(
            new KvForm(new KvShape(2, 2, 16), Element.BF16, 12, KvEncoding.NATIVE),
            KvEncoding.NATIVE),
        description(
            new KvForm(new KvShape(3, 1, 32), Element.BF16, 12, KvEncoding.NATIVE),
            KvEncoding.NATIVE));
  }

  private static ChunkKey key(String quarter) {
    return new ChunkKey(quarter.repeat(4));
  }

  @ParameterizedTest
  @MethodSource("others")
  void anIntactValueOfAnotherChunkIsForeign(ChunkDescription other) {
    byte[] value = value(other, randomData(other, 2));

    assertThat(check(value, value.length, description(FORM, KvEncoding.NATIVE)))
        .hasValueSatisfying(rejection -> assertThat(rejection.kind()).isEqualTo(Kind.FOREIGN));
  }

  @Test
  void theReasonNamesFieldAndValues() {
    ChunkDescription chunk = description(FORM, KvEncoding.NATIVE);
    byte[] value = value(chunk, randomData(chunk, 3));

    assertThat(check(value, value.length, others().toList().get(0)).orElseThrow().detail())
        .isEqualTo(
            "model_fingerprint is %s, expected %s".formatted("f".repeat(64), "e".repeat(64)));
  }

  @Test
  void aValueWithAnotherSizeIsCorrupt() {
    ChunkDescription chunk = description(FORM, KvEncoding.NATIVE);
    byte[] data = randomData(chunk, 4);
    byte[] longer = ByteBuffer.allocate(4096 + data.length + 1).put(value(chunk, data)).array();

    assertThat(check(longer, longer.length, chunk))
        .hasValueSatisfying(rejection -> assertThat(rejection.kind()).isEqualTo(Kind.CORRUPT));
  }

  @Test
  void exchangedLayersAreCorrupt() {
    ChunkDescription chunk = description(FORM, KvEncoding.NATIVE);
    byte[] value = value(chunk, randomData(chunk, 5));
    int size = FORM.layerByteCount();
    byte[] exchanged = value.clone();
    System.arraycopy(value, 4096, exchanged, 4096 + size, size);
    System.arraycopy(value, 4096 + size, exchanged, 4096, size);

    assertThat(check(exchanged, value.length, chunk).orElseThrow().detail())
        .isEqualTo("layer 0 does not match its checksum");
  }

  @Test
  void valuesThatAreNoChunksAreRejected() {
    ChunkDescription chunk = description(FORM, KvEncoding.NATIVE);

    for (byte[] value : List.of(new byte[0], new byte[8], new byte[5000], new byte[] {123, 125})) {
      assertThat(check(value, value.length, chunk)).isPresent();
    }
  }

  @Test
  void aLayerOf2GibIsRefused() {
    KvForm form = new KvForm(new KvShape(1, 1, 2), Element.BF16, 200_000_000, KvEncoding.NATIVE);

    assertThat(ChunkLayout.of(description(form, KvEncoding.NATIVE)).layerByteCount())
        .isEqualTo(1_600_000_000);
    assertThatThrownBy(() -> description(form, KvEncoding.FP8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 2 GiB; use shorter chunks");
  }
}
