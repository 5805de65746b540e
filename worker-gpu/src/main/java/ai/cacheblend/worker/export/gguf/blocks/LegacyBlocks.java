package ai.cacheblend.worker.export.gguf.blocks;

import static ai.cacheblend.worker.export.weights.FloatBits.fromHalf;

import java.nio.ByteBuffer;

/**
 * Blocks of 32 numbers with one scale d, some with a minimum m. The low nibbles hold the first 16
 * numbers, the high nibbles the others; a fifth bit stands in 32 bits of its own.
 *
 * <p>Source: gguf 0.19.0, {@code gguf.quants}.
 */
final class LegacyBlocks {

  static final int[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final int ELEMENTS = 32;

  private LegacyBlocks() {}

  static void q40(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int i = 0; i < ELEMENTS; i++) {
      into[at + i] = d * (nibble(bytes, offset + 2, i) - 8);
    }
  }

  static void q41(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    float m = fromHalf(bytes.getShort(offset + 2));
    for (int i = 0; i < ELEMENTS; i++) {
      into[at + i] = d * nibble(bytes, offset + 4, i) + m;
    }
  }

  static void q50(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    int high = bytes.getInt(offset + 2);
    for (int i = 0; i < ELEMENTS; i++) {
      into[at + i] = d * (fiveBits(bytes, offset + 6, high, i) - 16);
    }
  }

  static void q51(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    float m = fromHalf(bytes.getShort(offset + 2));
    int high = bytes.getInt(offset + 4);
    for (int i = 0; i < ELEMENTS; i++) {
      into[at + i] = d * fiveBits(bytes, offset + 8, high, i) + m;
    }
  }

  static void q80(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int i = 0; i < ELEMENTS; i++) {
      into[at + i] = d * bytes.get(offset + 2 + i);
    }
  }

  /** The nibble is an index of {@link #LEVELS}. */
  static void iq4Nl(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int i = 0; i < ELEMENTS; i++) {
      into[at + i] = d * LEVELS[nibble(bytes, offset + 2, i)];
    }
  }

  private static int nibble(ByteBuffer bytes, int offset, int i) {
    return bytes.get(offset + i % 16) >> (i / 16 * 4) & 15;
  }

  private static int fiveBits(ByteBuffer bytes, int offset, int high, int i) {
    return nibble(bytes, offset, i) | (high >> i & 1) << 4;
  }
}
