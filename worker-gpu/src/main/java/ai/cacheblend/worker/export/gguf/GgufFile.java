package ai.cacheblend.worker.export.gguf;

import ai.cacheblend.worker.export.gguf.blocks.GgmlType;
import ai.cacheblend.worker.export.weights.BlockTensor;
import ai.cacheblend.worker.export.weights.FileRange;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a GGUF file of version 2 or 3, checked against the file's size: metadata, then
 * names, shapes and types of the tensors, then their data, each aligned.
 *
 * @param tensors by their names in the file, in its order; shapes have rows first
 */
record GgufFile(Path path, Map<String, JsonNode> metadata, Map<String, BlockTensor> tensors) {

  private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
  private static final int MAX_TENSORS = 1 << 16;

  /** A name of no bytes, the number of dimensions, one dimension, a type, an offset. */
  private static final int MIN_TENSOR_BYTES = 32;

  private static final int MAX_DIMENSIONS = 4;
  private static final String ALIGNMENT = "general.alignment";
  private static final int DEFAULT_ALIGNMENT = 32;

  GgufFile {
    metadata = Map.copyOf(metadata);
  }

  static GgufFile open(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      HeaderReader header = new HeaderReader(path, channel);
      checkVersion(header);
      int tensorCount = header.count("tensors", MIN_TENSOR_BYTES, MAX_TENSORS);
      Map<String, JsonNode> metadata =
          new MetadataReader(header).read(MetadataReader.count(header));
      return new GgufFile(
          path, metadata, tensors(path, header, tensorCount, alignment(metadata, header)));
    }
  }

  private static void checkVersion(HeaderReader header) throws IOException {
    if (header.size() < 24 || header.int32() != MAGIC) {
      throw header.bad("is not a GGUF file");
    }
    int version = header.int32();
    if (version == Integer.reverseBytes(2) || version == Integer.reverseBytes(3)) {
      throw header.bad("is a big-endian GGUF file, expected a little-endian one");
    }
    if (version != 2 && version != 3) {
      throw header.bad("has GGUF version %s, expected 2 or 3", Integer.toUnsignedString(version));
    }
  }

  private static int alignment(Map<String, JsonNode> metadata, HeaderReader header)
      throws IOException {
    JsonNode value = metadata.get(ALIGNMENT);
    if (value == null) {
      return DEFAULT_ALIGNMENT;
    }
    int alignment = value.canConvertToInt() ? value.intValue() : 0;
    if (alignment <= 0 || Integer.bitCount(alignment) != 1) {
      throw header.bad("is corrupt: %s is %s, expected a power of two", ALIGNMENT, value);
    }
    return alignment;
  }

  /** A tensor whose data begin {@code offset} bytes behind the header. */
  private record Info(String name, List<Long> shape, GgmlType type, long offset, long byteCount) {}

  private static Map<String, BlockTensor> tensors(
      Path path, HeaderReader header, int count, int alignment) throws IOException {
    List<Info> infos = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < count; i++) {
      Info info = info(header);
      if (info.offset() != end) {
        throw header.bad(
            "is corrupt: tensor %s has offset %s, expected %d",
            info.name(), Long.toUnsignedString(info.offset()), end);
      }
      // A tensor has at most as many bytes as the file, so that the sum does not overflow.
      end = aligned(end + info.byteCount(), alignment);
      infos.add(info);
    }
    long start = aligned(header.position(), alignment);
    Map<String, BlockTensor> tensors = new LinkedHashMap<>();
    for (Info info : infos) {
      long first = start + info.offset();
      if (first + info.byteCount() > header.size()) {
        throw header.bad(
            "is truncated: tensor %s ends at byte %d, the file has %d bytes",
            info.name(), first + info.byteCount(), header.size());
      }
      BlockTensor tensor =
          new BlockTensor(
              new FileRange(path, info.name(), first, first + info.byteCount()),
              info.shape(),
              info.type().decoder());
      if (tensors.put(info.name(), tensor) != null) {
        throw header.bad("is corrupt: it has tensor %s twice", info.name());
      }
    }
    return tensors;
  }

  private static long aligned(long position, int alignment) {
    return (position + alignment - 1) / alignment * alignment;
  }

  private static Info info(HeaderReader header) throws IOException {
    String name = header.name();
    int dimensions = header.int32();
    if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw header.bad(
          "is corrupt: tensor %s has %s dimensions, expected 1 to %d",
          name, Integer.toUnsignedString(dimensions), MAX_DIMENSIONS);
    }
    // The file has the columns first.
    List<Long> shape = new ArrayList<>();
    for (int i = 0; i < dimensions; i++) {
      shape.add(0, header.int64());
    }
    int id = header.int32();
    GgmlType type =
        GgmlType.ofId(id)
            .orElseThrow(
                () ->
                    header.bad(
                        "has tensor %s of type %s, expected %s",
                        name, Integer.toUnsignedString(id), GgmlType.names()));
    return new Info(name, shape, type, header.int64(), byteCount(header, name, shape, type));
  }

  private static long byteCount(HeaderReader header, String name, List<Long> shape, GgmlType type)
      throws IOException {
    long columns = shape.get(shape.size() - 1);
    int block = type.decoder().blockElements();
    long blocks = columns / block;
    boolean fits = columns > 0 && columns % block == 0;
    for (long size : shape.subList(0, shape.size() - 1)) {
      fits &= size > 0 && blocks <= header.size() / Math.max(size, 1);
      blocks = fits ? blocks * size : 0;
    }
    if (!fits || blocks > header.size() / type.decoder().blockBytes()) {
      throw header.bad(
          "is corrupt or truncated: tensor %s of type %s has shape %s, the file has %d bytes",
          name, type, shape, header.size());
    }
    return blocks * type.decoder().blockBytes();
  }
}
