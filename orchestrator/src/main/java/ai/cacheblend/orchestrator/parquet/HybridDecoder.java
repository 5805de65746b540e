package ai.cacheblend.orchestrator.parquet;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The RLE and bit-packing hybrid, which holds levels and dictionary indices. */
final class HybridDecoder {
  private HybridDecoder() {}

  /**
   * {@code count} values from the buffer's position on.
   *
   * @param width bits per value, 0 to 32
   */
  static int[] read(ByteBuffer in, int width, int count) throws ParquetException {
    int[] values = new int[count];
    if (width == 0) {
      return values;
    }
    if (width > 32) {
      throw new ParquetException("a value has " + width + " bits");
    }
    try {
      int filled = 0;
      while (filled < count) {
        int head = Varint.readSize(in);
        filled =
            (head & 1) == 0
                ? repeat(in, width, values, filled, head >>> 1)
                : unpack(in, width, values, filled, head >>> 1);
      }
      return values;
    } catch (BufferUnderflowException e) {
      throw new ParquetException("a page ends within its levels or indices", e);
    }
  }

  private static int repeat(ByteBuffer in, int width, int[] values, int filled, int run)
      throws ParquetException {
    if (run == 0) {
      throw new ParquetException("a run has no values");
    }
    int value = 0;
    for (int shift = 0; shift < width; shift += 8) {
      value |= (in.get() & 0xff) << shift;
    }
    int end = (int) Math.min(values.length, (long) filled + run);
    Arrays.fill(values, filled, end, value);
    return end;
  }

  /** Groups of eight values; the last group of all may be padded, or cut off behind its values. */
  private static int unpack(ByteBuffer in, int width, int[] values, int filled, int groups)
      throws ParquetException {
    if (groups == 0) {
      throw new ParquetException("a run has no values");
    }
    long wanted = Math.min(values.length - filled, groups * 8L);
    long buffer = 0;
    int bits = 0;
    for (int i = 0; i < wanted; i++) {
      while (bits < width) {
        buffer |= (in.get() & 0xffL) << bits;
        bits += 8;
      }
      values[filled++] = (int) (buffer & (-1L >>> (64 - width)));
      buffer >>>= width;
      bits -= width;
    }
    return filled;
  }
}
