package ai.cacheblend.orchestrator.parquet;

import java.nio.ByteBuffer;

/** ULEB128: seven bits per byte, least significant first. */
final class Varint {
  private Varint() {}

  static long read(ByteBuffer in) throws ParquetException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new ParquetException("a number has more than ten bytes");
  }

  /** A number that must be in the range of int and not negative. */
  static int readSize(ByteBuffer in) throws ParquetException {
    long value = read(in);
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new ParquetException("a size is " + Long.toUnsignedString(value));
    }
    return (int) value;
  }
}
