package ai.cacheblend.worker.export.gguf.blocks;

import static ai.cacheblend.worker.export.weights.FloatBits.fromHalf;

import java.nio.ByteBuffer;

/**
 * Blocks of 256 numbers, of which each group of 8 or 4 is a point of a grid. Sub-blocks have scales
 * of 3 or 4 bits. Signs stand apart: 8 bits for 8 numbers, or 7 bits with the eighth as parity.
 *
 * <p>Source: gguf 0.19.0, {@code gguf.quants}.
 */
final class GridBlocks {

  /** Read at first use. */
  private static final class Grids {
    static final Grid IQ2_XXS = Grid.load("iq2_xxs", 8, 0x08, 0x19, 0x2b);
    static final Grid IQ2_XS = Grid.load("iq2_xs", 8, 0x08, 0x19, 0x2b);
    static final Grid IQ2_S = Grid.load("iq2_s", 8, 0x08, 0x19, 0x2b);
    static final Grid IQ3_XXS =
        Grid.load("iq3_xxs", 4, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3e);
    static final Grid IQ3_S = Grid.load("iq3_s", 4, 0x01, 0x03, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f);
    static final Grid IQ1 = Grid.load("iq1", 8, -1, 0, 1);

    private Grids() {}
  }

  private static final int ELEMENTS = 256;
  private static final float SHIFT = 0.125f;

  private GridBlocks() {}

  /** d; for each 32 numbers four grid indices, then four times 7 signs and a scale. */
  static void iq2Xxs(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int group = 0; group < 32; group++) {
      int start = offset + 2 + group / 4 * 8;
      int tail = bytes.getInt(start + 4);
      float scale = d * (0.5f + (tail >>> 28)) * 0.25f;
      int point = bytes.get(start + group % 4) & 255;
      int signs = withParity(tail >>> (group % 4 * 7) & 127);
      signed(Grids.IQ2_XXS, point, scale, signs, into, at + group * 8);
    }
  }

  /** d, 32 times a grid index of 9 bits and 7 signs, 8 bytes of scales. */
  static void iq2Xs(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int group = 0; group < 32; group++) {
      int quant = bytes.getShort(offset + 2 + group * 2) & 0xffff;
      float scale = d * (0.5f + nibble(bytes, offset + 66, group / 2)) * 0.25f;
      int signs = withParity(quant >> 9);
      signed(Grids.IQ2_XS, quant & 511, scale, signs, into, at + group * 8);
    }
  }

  /** d, 32 bytes of grid indices, 32 of signs, 8 of upper index bits, 8 of scales. */
  static void iq2S(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int group = 0; group < 32; group++) {
      int high = bytes.get(offset + 66 + group / 4) >> (group % 4 * 2) & 3;
      int point = (bytes.get(offset + 2 + group) & 255) | high << 8;
      float scale = d * (0.5f + nibble(bytes, offset + 74, group / 2)) * 0.25f;
      signed(Grids.IQ2_S, point, scale, bytes.get(offset + 34 + group), into, at + group * 8);
    }
  }

  /** d, 64 grid indices of 4 numbers, for each 32 numbers four times 7 signs and a scale. */
  static void iq3Xxs(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int group = 0; group < 64; group++) {
      int tail = bytes.getInt(offset + 66 + group / 8 * 4);
      float scale = d * (0.5f + (tail >>> 28)) * 0.5f;
      int signs = withParity(tail >>> (group % 8 / 2 * 7) & 127) >> (group % 2 * 4);
      int point = bytes.get(offset + 2 + group) & 255;
      signed(Grids.IQ3_XXS, point, scale, signs, into, at + group * 4);
    }
  }

  /** d, 64 grid indices of 4 numbers, 8 bytes of upper index bits, 32 of signs, 4 of scales. */
  static void iq3S(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int group = 0; group < 64; group++) {
      int high = bytes.get(offset + 66 + group / 8) >> (group % 8) & 1;
      int point = (bytes.get(offset + 2 + group) & 255) | high << 8;
      float scale = d * (1 + 2 * nibble(bytes, offset + 106, group / 8));
      int signs = bytes.get(offset + 74 + group / 2) >> (group % 2 * 4);
      signed(Grids.IQ3_S, point, scale, signs, into, at + group * 4);
    }
  }

  /**
   * d, 32 grid indices, for each 32 numbers four times 3 index bits, a scale and a shift's sign.
   */
  static void iq1S(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    for (int group = 0; group < 32; group++) {
      int head = bytes.getShort(offset + 34 + group / 4 * 2) & 0xffff;
      int high = head >> (group % 4 * 3) & 7;
      int point = (bytes.get(offset + 2 + group) & 255) | high << 8;
      float scale = d * (2 * (head >> 12 & 7) + 1);
      shifted(point, scale, (head & 0x8000) != 0, into, at + group * 8);
    }
  }

  /** 32 grid indices, 16 bytes of upper index bits and shift signs, 16 scales between d's bits. */
  static void iq1M(ByteBuffer bytes, int offset, float[] into, int at) {
    int half = 0;
    for (int word = 0; word < 4; word++) {
      half |= (bytes.getShort(offset + 48 + word * 2) & 0xf000) >> (12 - 4 * word);
    }
    float d = fromHalf((short) half);
    for (int group = 0; group < 32; group++) {
      int sub = group / 2;
      int scales = bytes.getShort(offset + 48 + sub / 4 * 2) & 0xffff;
      float scale = d * (2 * (scales >> (sub % 4 * 3) & 7) + 1);
      int head = nibble(bytes, offset + 32, group);
      int point = (bytes.get(offset + group) & 255) | (head & 7) << 8;
      shifted(point, scale, (head & 8) != 0, into, at + group * 8);
    }
  }

  /** Sub-blocks of 32 with six-bit scales; the nibbles are indices of the levels of IQ4_NL. */
  static void iq4Xs(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    int high = bytes.getShort(offset + 2);
    for (int i = 0; i < ELEMENTS; i++) {
      int sub = i / 32;
      int scale = (nibble(bytes, offset + 4, sub) | (high >> (sub * 2) & 3) << 4) - 32;
      int quant = bytes.get(offset + 8 + sub * 16 + i % 16) >> (i % 32 / 16 * 4) & 15;
      into[at + i] = d * scale * LegacyBlocks.LEVELS[quant];
    }
  }

  private static int nibble(ByteBuffer bytes, int offset, int i) {
    return bytes.get(offset + i / 2) >> (i % 2 * 4) & 15;
  }

  /** Seven sign bits and the eighth, which makes the number of ones even. */
  private static int withParity(int signs) {
    return signs | (Integer.bitCount(signs) & 1) << 7;
  }

  private static void signed(Grid grid, int point, float scale, int signs, float[] into, int at) {
    for (int i = 0; i < grid.width(); i++) {
      float value = scale * grid.value(point, i);
      into[at + i] = (signs >> i & 1) == 0 ? value : -value;
    }
  }

  private static void shifted(int point, float scale, boolean down, float[] into, int at) {
    for (int i = 0; i < Grids.IQ1.width(); i++) {
      into[at + i] = scale * (Grids.IQ1.value(point, i) + (down ? -SHIFT : SHIFT));
    }
  }
}
