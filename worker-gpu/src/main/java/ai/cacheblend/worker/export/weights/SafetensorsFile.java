package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.ExportException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.errorprone.annotations.FormatMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of one safetensors file, checked against the file's size: eight bytes of header length
 * (little-endian), a JSON header, then the tensors without gaps.
 */
record SafetensorsFile(Path path, Map<String, SafetensorsTensor> tensors) {

  private static final int LENGTH_BYTES = 8;
  // The limit of the safetensors library.
  private static final long MAX_HEADER_BYTES = 100_000_000;
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final Map<String, Integer> TYPE_BYTES =
      Map.ofEntries(
          Map.entry("F64", 8),
          Map.entry("I64", 8),
          Map.entry("U64", 8),
          Map.entry("F32", 4),
          Map.entry("I32", 4),
          Map.entry("U32", 4),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("I16", 2),
          Map.entry("U16", 2),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("I8", 1),
          Map.entry("U8", 1),
          Map.entry("BOOL", 1));

  SafetensorsFile {
    tensors = Map.copyOf(tensors);
  }

  static SafetensorsFile open(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw bad(path, "is truncated: it has %d bytes, expected at least %d", size, LENGTH_BYTES);
      }
      long headerBytes = read(path, channel, 0, LENGTH_BYTES).getLong(0);
      if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) {
        throw bad(
            path,
            "is not a safetensors file: header length %s, expected 2 to %d",
            Long.toUnsignedString(headerBytes),
            MAX_HEADER_BYTES);
      }
      long dataStart = LENGTH_BYTES + headerBytes;
      if (size < dataStart) {
        throw bad(
            path, "is truncated: it has %d bytes, its header ends at byte %d", size, dataStart);
      }
      byte[] header = read(path, channel, LENGTH_BYTES, (int) headerBytes).array();
      Map<String, SafetensorsTensor> tensors = parse(path, header, dataStart);
      checkOffsets(path, tensors, dataStart, size);
      return new SafetensorsFile(path, tensors);
    }
  }

  private static ByteBuffer read(Path path, FileChannel channel, long position, int count)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw bad(path, "is truncated: it ended while its header was read");
      }
    }
    return buffer.flip();
  }

  private static Map<String, SafetensorsTensor> parse(Path path, byte[] header, long dataStart)
      throws IOException {
    JsonNode json;
    try {
      json = MAPPER.readTree(header);
    } catch (JsonProcessingException e) {
      throw bad(path, "is corrupt: its header is not JSON (%s)", e.getOriginalMessage());
    }
    if (json == null || !json.isObject()) {
      throw bad(path, "is corrupt: its header is not a JSON object");
    }
    Map<String, SafetensorsTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        tensors.put(field.getKey(), tensor(path, field.getKey(), field.getValue(), dataStart));
      }
    }
    return tensors;
  }

  private static SafetensorsTensor tensor(Path path, String name, JsonNode json, long dataStart)
      throws ExportException {
    List<Long> shape = longs(json.path("shape"));
    List<Long> offsets = longs(json.path("data_offsets"));
    String type = json.path("dtype").asText("");
    if (type.isEmpty() || shape == null || offsets == null || offsets.size() != 2) {
      throw bad(
          path,
          "is corrupt: tensor %s is described by %s, expected dtype, shape and two data_offsets",
          name,
          json);
    }
    long begin = offsets.get(0);
    long end = offsets.get(1);
    if (end < begin || end > Long.MAX_VALUE - dataStart) {
      throw bad(path, "is corrupt: tensor %s has data_offsets [%d, %d]", name, begin, end);
    }
    Integer typeBytes = TYPE_BYTES.get(type);
    if (typeBytes != null && byteCount(shape, typeBytes) != end - begin) {
      throw bad(
          path,
          "is corrupt: tensor %s (%s %s) has %d bytes, expected %d",
          name,
          type,
          shape,
          end - begin,
          byteCount(shape, typeBytes));
    }
    return new SafetensorsTensor(
        new FileRange(path, name, dataStart + begin, dataStart + end), type, shape);
  }

  /** Null unless the node is a list of non-negative integers. */
  private static List<Long> longs(JsonNode node) {
    if (!node.isArray()) {
      return null;
    }
    List<Long> values = new ArrayList<>();
    for (JsonNode value : node) {
      if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
        return null;
      }
      values.add(value.longValue());
    }
    return values;
  }

  /** −1 on overflow. */
  private static long byteCount(List<Long> shape, int typeBytes) {
    try {
      return shape.stream().reduce((long) typeBytes, Math::multiplyExact);
    } catch (ArithmeticException e) {
      return -1;
    }
  }

  private static void checkOffsets(
      Path path, Map<String, SafetensorsTensor> tensors, long dataStart, long size)
      throws ExportException {
    List<FileRange> inOrder = new ArrayList<>();
    tensors.values().forEach(tensor -> inOrder.add(tensor.range()));
    inOrder.sort(Comparator.comparingLong(FileRange::start).thenComparingLong(FileRange::end));
    long expected = dataStart;
    for (FileRange range : inOrder) {
      if (range.start() != expected) {
        throw bad(
            path,
            "is corrupt: tensor %s starts at byte %d, expected %d (%s)",
            range.tensor(),
            range.start(),
            expected,
            range.start() < expected
                ? "it overlaps the tensor before it"
                : "there is a gap before it");
      }
      if (range.end() > size) {
        throw bad(
            path,
            "is truncated: tensor %s ends at byte %d, the file has %d bytes",
            range.tensor(),
            range.end(),
            size);
      }
      expected = range.end();
    }
    if (expected != size) {
      throw bad(path, "is corrupt: it has %d bytes, expected %d", size, expected);
    }
  }

  @FormatMethod
  private static ExportException bad(Path path, String format, Object... arguments) {
    return new ExportException(path + " " + format.formatted(arguments));
  }
}
