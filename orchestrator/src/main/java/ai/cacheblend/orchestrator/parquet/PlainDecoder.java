package ai.cacheblend.orchestrator.parquet;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** Values one after the other, in little-endian order. Byte arrays are taken as UTF-8 text. */
final class PlainDecoder {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private PlainDecoder() {}

  static JsonNode[] read(ByteBuffer in, SchemaNode column, int count) throws ParquetException {
    JsonNode[] values = new JsonNode[count];
    int start = in.position();
    try {
      for (int i = 0; i < count; i++) {
        values[i] =
            switch (column.type()) {
              case BOOLEAN -> JSON.booleanNode((in.get(start + i / 8) >> (i % 8) & 1) == 1);
              case INT32 -> JSON.numberNode(in.getInt());
              case INT64 -> JSON.numberNode(in.getLong());
              case FLOAT -> JSON.numberNode(in.getFloat());
              case DOUBLE -> JSON.numberNode(in.getDouble());
              case BYTE_ARRAY -> JSON.textNode(text(in, in.getInt()));
              case FIXED_LEN_BYTE_ARRAY -> JSON.textNode(text(in, column.typeLength()));
              case INT96 ->
                  throw new ParquetException(
                      "column %s has the type INT96, which is not read".formatted(column.name()));
            };
      }
      return values;
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new ParquetException("a page of column %s is truncated".formatted(column.name()), e);
    }
  }

  private static String text(ByteBuffer in, int length) throws ParquetException {
    if (length < 0 || length > in.remaining()) {
      throw new ParquetException("a text has a length of " + length);
    }
    String text = new String(in.array(), in.arrayOffset() + in.position(), length, UTF_8);
    in.position(in.position() + length);
    return text;
  }
}
