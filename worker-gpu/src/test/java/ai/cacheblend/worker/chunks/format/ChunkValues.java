package ai.cacheblend.worker.chunks.format;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.chunks.tier.KvForm;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;

/** Whole values of chunks in memory. */
final class ChunkValues {
  static final KvForm FORM = new KvForm(new KvShape(3, 2, 16), Element.BF16, 12, KvEncoding.NATIVE);

  private ChunkValues() {}

  static ChunkDescription description(KvForm form, KvEncoding encoding) {
    return new ChunkDescription(
        "f".repeat(64),
        new ChunkKey("0123456789abcdef".repeat(4)),
        new KvForm(form.shape(), form.element(), form.tokenCount(), encoding));
  }

  /** Bytes of all layers. */
  static byte[] randomData(ChunkDescription chunk, long seed) {
    byte[] data = new byte[(int) ChunkLayout.of(chunk).dataByteCount()];
    new Random(seed).nextBytes(data);
    return data;
  }

  static byte[] value(ChunkDescription chunk, byte[] data) {
    ChunkLayout layout = ChunkLayout.of(chunk);
    int[] checksums = new int[layout.layerCount()];
    for (int layer = 0; layer < checksums.length; layer++) {
      checksums[layer] =
          Checksum.of(
              ByteBuffer.wrap(data, (int) layout.layerOffset(layer), layout.layerByteCount()));
    }
    byte[] header = ChunkHeader.encode(chunk, checksums);
    return ByteBuffer.allocate(header.length + data.length).put(header).put(data).array();
  }

  /** Verifies a whole value as a reader does: the first reason to reject it. */
  static Optional<Rejection> check(byte[] value, int byteCount, ChunkDescription expected) {
    ByteBuffer bytes = ByteBuffer.wrap(value, 0, byteCount);
    if (!(ChunkHeader.decode(bytes, expected) instanceof ChunkHeader header)) {
      return Optional.of((Rejection) ChunkHeader.decode(bytes, expected));
    }
    Optional<Rejection> rejection = header.checkValueSize(byteCount);
    for (int layer = 0; rejection.isEmpty() && layer < header.layout().layerCount(); layer++) {
      long offset = header.byteCount() + header.layout().layerOffset(layer);
      rejection =
          header.checkLayer(
              layer, ByteBuffer.wrap(value, (int) offset, header.layout().layerByteCount()));
    }
    return rejection;
  }
}
