package ai.cacheblend.orchestrator.parquet;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Thrift's compact protocol, in which Parquet's footer and page headers are written (<a
 * href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md">specification</a>).
 */
final class CompactReader {
  private static final int MAX_DEPTH = 32;

  private final ByteBuffer in;

  CompactReader(ByteBuffer in) {
    this.in = in;
  }

  /** The struct at the buffer's position, which moves behind it. */
  CompactStruct read(String name) throws ParquetException {
    try {
      return struct(name, 0);
    } catch (BufferUnderflowException e) {
      throw new ParquetException(name + " is truncated", e);
    }
  }

  private CompactStruct struct(String name, int depth) throws ParquetException {
    Map<Integer, Object> fields = new HashMap<>();
    int id = 0;
    for (int head = in.get() & 0xff; head != 0; head = in.get() & 0xff) {
      int delta = head >> 4;
      id = delta == 0 ? (int) zigZag() : id + delta;
      int type = head & 0xf;
      // The type of a boolean field holds its value.
      fields.put(id, type <= 2 ? (Object) (type == 1) : value(name, type, depth));
    }
    return new CompactStruct(name, fields);
  }

  private Object value(String name, int type, int depth) throws ParquetException {
    if (depth > MAX_DEPTH) {
      throw new ParquetException(name + " is nested too deeply");
    }
    return switch (type) {
      case 1, 2 -> in.get() == 1;
      case 3 -> (long) in.get();
      case 4, 5, 6 -> zigZag();
      case 7 -> {
        byte[] bits = bytes(name, Double.BYTES);
        yield ByteBuffer.wrap(bits).order(ByteOrder.LITTLE_ENDIAN).getDouble();
      }
      case 8 -> bytes(name, unsigned());
      case 9, 10 -> list(name, depth);
      case 12 -> struct(name, depth + 1);
      default -> throw new ParquetException(name + " has a field of the unknown type " + type);
    };
  }

  private List<Object> list(String name, int depth) throws ParquetException {
    int head = in.get() & 0xff;
    long count = head >> 4;
    if (count == 15) {
      count = unsigned();
    }
    // An element takes a byte or more.
    if (count < 0 || count > in.remaining()) {
      throw new ParquetException("%s has a list of %d elements".formatted(name, count));
    }
    List<Object> elements = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      elements.add(value(name, head & 0xf, depth + 1));
    }
    return elements;
  }

  private byte[] bytes(String name, long count) throws ParquetException {
    if (count < 0 || count > in.remaining()) {
      throw new ParquetException("%s has a value of %d bytes".formatted(name, count));
    }
    byte[] bytes = new byte[(int) count];
    in.get(bytes);
    return bytes;
  }

  private long zigZag() throws ParquetException {
    long value = unsigned();
    return (value >>> 1) ^ -(value & 1);
  }

  private long unsigned() throws ParquetException {
    return Varint.read(in);
  }
}
