package ai.cacheblend.worker.export.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads the metadata of a GGUF file: keys, each with a type and a value. */
final class MetadataReader {

  private static final int MAX_KEYS = 1 << 16;
  private static final int MAX_ARRAY_ELEMENTS = 1 << 22;
  private static final long MAX_VALUES = 1 << 23;

  /** A key of no bytes, a type, a value of one byte. */
  private static final int MIN_ENTRY_BYTES = 13;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private enum ValueType {
    UINT8(1),
    INT8(1),
    UINT16(2),
    INT16(2),
    UINT32(4),
    INT32(4),
    FLOAT32(4),
    BOOL(1),
    STRING(8),
    ARRAY(12),
    UINT64(8),
    INT64(8),
    FLOAT64(8);

    private final int minBytes;

    ValueType(int minBytes) {
      this.minBytes = minBytes;
    }
  }

  private final HeaderReader header;
  private long valueCount;

  MetadataReader(HeaderReader header) {
    this.header = header;
  }

  static int count(HeaderReader header) throws IOException {
    return header.count("metadata keys", MIN_ENTRY_BYTES, MAX_KEYS);
  }

  Map<String, JsonNode> read(int count) throws IOException {
    Map<String, JsonNode> values = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String key = header.name();
      JsonNode value = value(key, type(key), true);
      if (values.put(key, value) != null) {
        throw header.bad("is corrupt: it has the metadata key %s twice", key);
      }
    }
    return values;
  }

  private ValueType type(String key) throws IOException {
    int type = header.int32();
    if (type < 0 || type >= ValueType.values().length) {
      throw header.bad(
          "is corrupt: the value of metadata key %s has type %s, expected 0 to %d",
          key, Integer.toUnsignedString(type), ValueType.values().length - 1);
    }
    return ValueType.values()[type];
  }

  private JsonNode value(String key, ValueType type, boolean arrays) throws IOException {
    if (++valueCount > MAX_VALUES) {
      throw header.bad("has more than %d metadata values, at key %s", MAX_VALUES, key);
    }
    return switch (type) {
      case UINT8 -> JSON.numberNode(header.int8() & 0xff);
      case INT8 -> JSON.numberNode((int) header.int8());
      case UINT16 -> JSON.numberNode(header.int16() & 0xffff);
      case INT16 -> JSON.numberNode((int) header.int16());
      case UINT32 -> whole(header.int32() & 0xffffffffL);
      case INT32 -> JSON.numberNode(header.int32());
      case UINT64, INT64 -> whole(header.int64());
      // The shortest decimal: the number that a config.json has.
      case FLOAT32 ->
          JSON.numberNode(Double.parseDouble(Float.toString(Float.intBitsToFloat(header.int32()))));
      case FLOAT64 -> JSON.numberNode(Double.longBitsToDouble(header.int64()));
      case BOOL -> JSON.booleanNode(header.int8() != 0);
      case STRING -> JSON.textNode(header.string());
      case ARRAY -> array(key, arrays);
    };
  }

  /** As Jackson reads a number: an int where it fits. */
  private static JsonNode whole(long number) {
    return number == (int) number ? JSON.numberNode((int) number) : JSON.numberNode(number);
  }

  private ArrayNode array(String key, boolean allowed) throws IOException {
    if (!allowed) {
      throw header.bad("has an array of arrays at metadata key %s, which is not supported", key);
    }
    ValueType type = type(key);
    int count = header.count("elements of metadata key " + key, type.minBytes, MAX_ARRAY_ELEMENTS);
    ArrayNode array = JSON.arrayNode();
    for (int i = 0; i < count; i++) {
      array.add(value(key, type, false));
    }
    return array;
  }
}
