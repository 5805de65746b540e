package ai.cacheblend.worker.export.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the parts of a GGUF file one after the other, right or wrong. */
final class GgufBytes {

  private final ByteBuffer bytes = ByteBuffer.allocate(1 << 12).order(ByteOrder.LITTLE_ENDIAN);

  /** The beginning of a file. */
  static GgufBytes header(int version, long tensors, long keys) {
    return new GgufBytes().text("GGUF").int32(version).int64(tensors).int64(keys);
  }

  private GgufBytes text(String text) {
    bytes.put(text.getBytes(UTF_8));
    return this;
  }

  GgufBytes int32(int value) {
    bytes.putInt(value);
    return this;
  }

  GgufBytes int64(long value) {
    bytes.putLong(value);
    return this;
  }

  GgufBytes string(String text) {
    return int64(text.getBytes(UTF_8).length).text(text);
  }

  /** A metadata key with a value of type uint32. */
  GgufBytes key(String key, int value) {
    return string(key).int32(4).int32(value);
  }

  GgufBytes tensor(String name, int type, long offset, long... dimensions) {
    string(name).int32(dimensions.length);
    for (long dimension : dimensions) {
      int64(dimension);
    }
    return int32(type).int64(offset);
  }

  /** Zeros to the next multiple of 32, and then that many. */
  GgufBytes data(int count) {
    return data(count, 32);
  }

  /** The same for another alignment. */
  GgufBytes data(int count, int alignment) {
    bytes.position((bytes.position() + alignment - 1) / alignment * alignment + count);
    return this;
  }

  Path write(Path file) throws IOException {
    byte[] content = new byte[bytes.position()];
    bytes.flip().get(content);
    return Files.write(file, content);
  }
}
