package ai.cacheblend.worker.export.gguf.blocks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.weights.BlockDecoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers of gguf.quants on generated blocks, see {@code make_gguf_golden.py}. */
final class GgmlTypeTest {

  private static final int BLOCKS = 96;

  /** Upper bytes of half-precision numbers; without one bit of the exponent they are finite. */
  private static final Map<String, List<Integer>> HALF_HIGH_BYTES =
      Map.ofEntries(
          Map.entry("Q4_1", List.of(1, 3)),
          Map.entry("Q5_1", List.of(1, 3)),
          Map.entry("Q2_K", List.of(81, 83)),
          Map.entry("Q3_K", List.of(109)),
          Map.entry("Q4_K", List.of(1, 3)),
          Map.entry("Q5_K", List.of(1, 3)),
          Map.entry("Q6_K", List.of(209)),
          Map.entry("IQ1_M", List.of(55)));

  @Test
  void decodesEveryTypeAsTheReference() throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(Resources.getResource("gguf/blocks.json").openStream());
    assertThat(expected.properties()).hasSize(GgmlType.values().length - 4);
    expected
        .properties()
        .forEach(
            entry ->
                assertThat(sha256(GgmlType.valueOf(entry.getKey())))
                    .as(entry.getKey())
                    .isEqualTo(entry.getValue().asText()));
  }

  private static String sha256(GgmlType type) {
    BlockDecoder decoder = type.decoder();
    ByteBuffer blocks = blocks(type);
    float[] numbers = new float[BLOCKS * decoder.blockElements()];
    for (int block = 0; block < BLOCKS; block++) {
      decoder.decode(
          blocks, block * decoder.blockBytes(), numbers, block * decoder.blockElements());
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return Hashing.sha256().hashBytes(bytes.array()).toString();
  }

  /** SHA-256 of the type's name and a counter, one after the other. */
  private static ByteBuffer blocks(GgmlType type) {
    int size = type.decoder().blockBytes();
    ByteBuffer bytes = ByteBuffer.allocate(BLOCKS * size).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; bytes.hasRemaining(); i++) {
      byte[] part = Hashing.sha256().hashString(type + " " + i, UTF_8).asBytes();
      bytes.put(part, 0, Math.min(part.length, bytes.remaining()));
    }
    for (int block = 0; block < BLOCKS; block++) {
      for (int offset : HALF_HIGH_BYTES.getOrDefault(type.name(), List.of(1))) {
        int at = block * size + offset;
        bytes.put(at, (byte) (bytes.get(at) & 0xbf));
      }
    }
    return bytes;
  }
}
