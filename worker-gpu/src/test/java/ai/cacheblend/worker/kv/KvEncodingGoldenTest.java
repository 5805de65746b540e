package ai.cacheblend.worker.kv;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.TestDevice;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Chunks on their way down and up, against numpy and ml_dtypes; {@code
 * golden/make_kv_encoding_golden.py} made the file.
 */
class KvEncodingGoldenTest {
  private static final KvShape SHAPE = new KvShape(2, 3, 8);
  private static final int TOKENS = 24;
  private static final int NATIVE_BYTES = 2 * 2 * TOKENS * 3 * 8 * Float.BYTES;

  private final ByteBuffer file = read();

  @ParameterizedTest
  @EnumSource(names = {"FP8", "INT8"})
  void chunksHaveTheBytesOfTheReference(KvEncoding encoding) throws IOException {
    byte[] encoded = tensor(encoding.id());
    try (NativeKvPool pool = NativeKvPool.create(TestDevice.kvStorage(), SHAPE, 4);
        HostMemory host = pool.allocateHost(2L * NATIVE_BYTES)) {
      try (NativeStoredKv chunk = loaded(pool, host, tensor("kv"), KvEncoding.NATIVE)) {
        host.bytes(0, NATIVE_BYTES).put(new byte[NATIVE_BYTES]);

        chunk.copyTo(host, 8, encoding);

        byte[] copied = new byte[encoded.length + 8];
        host.bytes(8, copied.length).get(copied);
        assertThat(copied).isEqualTo(Arrays.copyOf(encoded, copied.length)); // nothing behind it
      }
      try (NativeStoredKv chunk = loaded(pool, host, encoded, encoding)) {
        chunk.copyTo(host, 0, KvEncoding.NATIVE);
        assertThat(floats(host)).containsExactly(decoded(encoding));
      }
    }
  }

  private static NativeStoredKv loaded(
      NativeKvPool pool, HostMemory host, byte[] content, KvEncoding encoding) {
    host.bytes(0, content.length).put(content);
    NativeStoredKv chunk = pool.allocateChunk(TOKENS);
    int layerByteCount = content.length / SHAPE.layerCount();
    try (KvTransfer transfer = pool.load(host, List.of(chunk), encoding)) {
      for (int layer = 0; layer < SHAPE.layerCount(); layer++) {
        transfer.nextLayer(new long[] {(long) layer * layerByteCount});
      }
    }
    return chunk;
  }

  /** All NaN are one value here. */
  private static float[] floats(HostMemory host) {
    float[] floats = new float[NATIVE_BYTES / Float.BYTES];
    host.bytes(0, NATIVE_BYTES).asFloatBuffer().get(floats);
    return floats;
  }

  private float[] decoded(KvEncoding encoding) throws IOException {
    float[] floats = new float[NATIVE_BYTES / Float.BYTES];
    ByteBuffer.wrap(tensor(encoding.id() + "_decoded"))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(floats);
    return floats;
  }

  private byte[] tensor(String name) throws IOException {
    int headerBytes = (int) file.getLong(0);
    byte[] header = new byte[headerBytes];
    file.get(Long.BYTES, header);
    JsonNode offsets = new ObjectMapper().readTree(header).path(name).path("data_offsets");
    int begin = offsets.get(0).asInt();
    byte[] tensor = new byte[offsets.get(1).asInt() - begin];
    file.get(Long.BYTES + headerBytes + begin, tensor);
    return tensor;
  }

  private static ByteBuffer read() {
    try (InputStream resource =
        KvEncodingGoldenTest.class.getResourceAsStream("/kv/encoding.safetensors")) {
      return ByteBuffer.wrap(resource.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
