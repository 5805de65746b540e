package ai.cacheblend.worker.chunks.format;

import ai.cacheblend.worker.chunks.format.ChunkLayout.Tensor;
import ai.cacheblend.worker.kv.KvEncoding;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * JSON of a safetensors header: {@code __metadata__}, a map of strings, and one entry per tensor.
 */
final class HeaderJson {
  private static final String METADATA = "__metadata__";
  static final String LAYER_CHECKSUMS = "layer_crc32c";
  static final String HEADER_CHECKSUM = "header_crc32c";
  static final String NO_CHECKSUM = "00000000";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private HeaderJson() {}

  /** ASCII, with {@link #NO_CHECKSUM} for the header. */
  static byte[] write(ChunkDescription chunk, ChunkLayout layout, int[] layerChecksums) {
    ObjectNode root = MAPPER.createObjectNode();
    ObjectNode metadata = root.putObject(METADATA);
    identity(chunk).forEach(metadata::put);
    metadata.put(
        LAYER_CHECKSUMS,
        Arrays.stream(layerChecksums).mapToObj(Checksum::hex).collect(Collectors.joining(",")));
    metadata.put(HEADER_CHECKSUM, NO_CHECKSUM);
    layout.tensors().forEach(tensor -> root.set(tensor.name(), entry(tensor)));
    return root.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** The checksums of the layers in {@code layerChecksums}, or what is not as expected. */
  static Optional<Rejection> read(
      byte[] json, ChunkDescription expected, ChunkLayout layout, int[] layerChecksums) {
    JsonNode root;
    try {
      root = MAPPER.readTree(new String(json, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      return foreign("the header is not JSON: %s", e.getOriginalMessage());
    }
    JsonNode metadata = root.path(METADATA);
    for (Map.Entry<String, String> entry : identity(expected).entrySet()) {
      String actual = metadata.path(entry.getKey()).asText("absent");
      if (!actual.equals(entry.getValue())) {
        return foreign("%s is %s, expected %s", entry.getKey(), actual, entry.getValue());
      }
    }
    for (Tensor tensor : layout.tensors()) {
      JsonNode actual = root.path(tensor.name());
      if (!actual.equals(entry(tensor))) {
        return foreign("tensor %s is %s, expected %s", tensor.name(), actual, entry(tensor));
      }
    }
    if (root.size() != layout.tensors().size() + 1) {
      return foreign(
          "the header has %d entries, expected %d", root.size(), layout.tensors().size() + 1);
    }
    return readChecksums(metadata.path(LAYER_CHECKSUMS).asText(), layerChecksums);
  }

  private static Optional<Rejection> readChecksums(String text, int[] layerChecksums) {
    String[] parts = text.split(",", -1);
    if (parts.length != layerChecksums.length) {
      return foreign("%d checksums for %d layers", parts.length, layerChecksums.length);
    }
    for (int layer = 0; layer < parts.length; layer++) {
      if (!parts[layer].matches("[0-9a-f]{8}")) {
        return foreign("the checksum of layer %d is \"%s\"", layer, parts[layer]);
      }
      layerChecksums[layer] = Integer.parseUnsignedInt(parts[layer], 16);
    }
    return Optional.empty();
  }

  /** Metadata that follow from the description. */
  private static Map<String, String> identity(ChunkDescription chunk) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "cacheblend-chunk");
    metadata.put("format_version", "1");
    metadata.put("model_fingerprint", chunk.modelFingerprint());
    metadata.put("chunk_key", chunk.key().hex());
    metadata.put("token_count", Integer.toString(chunk.form().tokenCount()));
    metadata.put("dtype", TensorType.of(chunk.form().element(), KvEncoding.NATIVE).name());
    metadata.put("encoding", chunk.form().encoding().id());
    metadata.put("keys", "before_rotation");
    return metadata;
  }

  private static JsonNode entry(Tensor tensor) {
    ObjectNode entry = MAPPER.createObjectNode();
    entry.put("dtype", tensor.type().name());
    tensor.shape().forEach(entry.putArray("shape")::add);
    entry.putArray("data_offsets").add(number(tensor.begin())).add(number(tensor.end()));
    return entry;
  }

  /** As the parser represents it; nodes of int and long are never equal. */
  private static JsonNode number(long value) {
    return value == (int) value
        ? MAPPER.getNodeFactory().numberNode((int) value)
        : MAPPER.getNodeFactory().numberNode(value);
  }

  @FormatMethod
  private static Optional<Rejection> foreign(String detail, Object... arguments) {
    return Optional.of(Rejection.foreign(detail, arguments));
  }
}
