package ai.cacheblend.worker.export.gguf.blocks;

import static ai.cacheblend.worker.export.weights.FloatBits.fromHalf;

import java.nio.ByteBuffer;

/**
 * Blocks of 256 numbers in sub-blocks of 16 or 32. A sub-block has a scale of 4 to 8 bits, which
 * the block's d multiplies; some have a minimum, which the block's dmin multiplies.
 *
 * <p>Source: gguf 0.19.0, {@code gguf.quants}.
 */
final class KBlocks {

  private KBlocks() {}

  /** 16 bytes of scales and minima, 64 of quants, d, dmin. */
  static void q2K(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset + 80));
    float dmin = fromHalf(bytes.getShort(offset + 82));
    for (int sub = 0; sub < 16; sub++) {
      int scales = bytes.get(offset + sub);
      float scale = d * (scales & 15);
      float min = dmin * (scales >> 4 & 15);
      for (int i = sub * 16; i < sub * 16 + 16; i++) {
        into[at + i] = scale * twoBits(bytes, offset + 16, i) - min;
      }
    }
  }

  /** 32 bytes of third bits, 64 of quants, 12 of scales, d. */
  static void q3K(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset + 108));
    for (int sub = 0; sub < 16; sub++) {
      int low = bytes.get(offset + 96 + sub % 8) >> (sub / 8 * 4) & 15;
      int high = bytes.get(offset + 104 + sub % 4) >> (sub / 4 * 2) & 3;
      float scale = d * ((low | high << 4) - 32);
      for (int i = sub * 16; i < sub * 16 + 16; i++) {
        int third = bytes.get(offset + i % 32) >> (i / 32) & 1;
        into[at + i] = scale * (twoBits(bytes, offset + 32, i) - (third == 0 ? 4 : 0));
      }
    }
  }

  /** d, dmin, 12 bytes of scales and minima, 128 of quants. */
  static void q4K(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    float dmin = fromHalf(bytes.getShort(offset + 2));
    for (int sub = 0; sub < 8; sub++) {
      float scale = d * scale(bytes, offset + 4, sub);
      float min = dmin * minimum(bytes, offset + 4, sub);
      for (int i = 0; i < 32; i++) {
        into[at + sub * 32 + i] = scale * nibble(bytes, offset + 16, sub, i) - min;
      }
    }
  }

  /** d, dmin, 12 bytes of scales and minima, 32 of fifth bits, 128 of quants. */
  static void q5K(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset));
    float dmin = fromHalf(bytes.getShort(offset + 2));
    for (int sub = 0; sub < 8; sub++) {
      float scale = d * scale(bytes, offset + 4, sub);
      float min = dmin * minimum(bytes, offset + 4, sub);
      for (int i = 0; i < 32; i++) {
        int fifth = bytes.get(offset + 16 + i) >> sub & 1;
        int quant = nibble(bytes, offset + 48, sub, i) | fifth << 4;
        into[at + sub * 32 + i] = scale * quant - min;
      }
    }
  }

  /** 128 bytes of low nibbles, 64 of high bits, 16 signed scales, d. */
  static void q6K(ByteBuffer bytes, int offset, float[] into, int at) {
    float d = fromHalf(bytes.getShort(offset + 208));
    for (int sub = 0; sub < 16; sub++) {
      float scale = d * bytes.get(offset + 192 + sub);
      for (int i = sub * 16; i < sub * 16 + 16; i++) {
        int low = bytes.get(offset + i / 128 * 64 + i % 64) >> (i / 64 % 2 * 4) & 15;
        int quant = low | twoBits(bytes, offset + 128, i) << 4;
        into[at + i] = scale * (quant - 32);
      }
    }
  }

  /** Of each 32 bytes, the lowest two bits hold 32 numbers, the next two bits the next 32. */
  private static int twoBits(ByteBuffer bytes, int offset, int i) {
    return bytes.get(offset + i / 128 * 32 + i % 32) >> (i / 32 % 4 * 2) & 3;
  }

  /** Of each 32 bytes, the low nibbles hold one sub-block, the high nibbles the next. */
  private static int nibble(ByteBuffer bytes, int offset, int sub, int i) {
    return bytes.get(offset + sub / 2 * 32 + i) >> (sub % 2 * 4) & 15;
  }

  /** Six bits: the first four scales whole, the others with their upper bits above those. */
  private static int scale(ByteBuffer scales, int offset, int sub) {
    int low = scales.get(offset + sub % 4);
    return sub < 4 ? low & 63 : (scales.get(offset + 4 + sub) & 15) | (low >> 2 & 48);
  }

  private static int minimum(ByteBuffer scales, int offset, int sub) {
    int low = scales.get(offset + 4 + sub % 4);
    return sub < 4 ? low & 63 : (scales.get(offset + 4 + sub) >> 4 & 15) | (low >> 2 & 48);
  }
}
