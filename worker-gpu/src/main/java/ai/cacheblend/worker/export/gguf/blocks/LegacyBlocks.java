package ai.cacheblend.worker.export.gguf.blocks;

import static ai.cacheblend.worker.export.weights.FloatBits.fromHalf;

import ai.cacheblend.worker.export.weights.BlockDecoder;
import java.nio.ByteBuffer;

/**
 * Blocks of 32 numbers with one scale d, some with a minimum m. The low nibbles hold the first 16
 * numbers, the high nibbles the others; a fifth bit stands in 32 bits of its own.
 *
 * <p>Source: gguf 0.19.0, {@code gguf.quants}.
 */
enum LegacyBlocks implements BlockDecoder {
  Q4_0(18) {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      float d = fromHalf(bytes.getShort(offset));
      for (int i = 0; i < ELEMENTS; i++) {
        into[at + i] = d * (nibble(bytes, offset + 2, i) - 8);
      }
    }
  },
  Q4_1(20) {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      float d = fromHalf(bytes.getShort(offset));
      float m = fromHalf(bytes.getShort(offset + 2));
      for (int i = 0; i < ELEMENTS; i++) {
        into[at + i] = d * nibble(bytes, offset + 4, i) + m;
      }
    }
  },
  Q5_0(22) {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      float d = fromHalf(bytes.getShort(offset));
      int high = bytes.getInt(offset + 2);
      for (int i = 0; i < ELEMENTS; i++) {
        into[at + i] = d * (fiveBits(bytes, offset + 6, high, i) - 16);
      }
    }
  },
  Q5_1(24) {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      float d = fromHalf(bytes.getShort(offset));
      float m = fromHalf(bytes.getShort(offset + 2));
      int high = bytes.getInt(offset + 4);
      for (int i = 0; i < ELEMENTS; i++) {
        into[at + i] = d * fiveBits(bytes, offset + 8, high, i) + m;
      }
    }
  },
  Q8_0(34) {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      float d = fromHalf(bytes.getShort(offset));
      for (int i = 0; i < ELEMENTS; i++) {
        into[at + i] = d * bytes.get(offset + 2 + i);
      }
    }
  },
  /** The nibble is an index of {@link #LEVELS}. */
  IQ4_NL(18) {
    @Override
    public void decode(ByteBuffer bytes, int offset, float[] into, int at) {
      float d = fromHalf(bytes.getShort(offset));
      for (int i = 0; i < ELEMENTS; i++) {
        into[at + i] = d * LEVELS[nibble(bytes, offset + 2, i)];
      }
    }
  };

  static final int[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final int ELEMENTS = 32;

  private final int bytes;

  LegacyBlocks(int bytes) {
    this.bytes = bytes;
  }

  @Override
  public int blockElements() {
    return ELEMENTS;
  }

  @Override
  public int blockBytes() {
    return bytes;
  }

  private static int nibble(ByteBuffer bytes, int offset, int i) {
    return bytes.get(offset + i % 16) >> (i / 16 * 4) & 15;
  }

  private static int fiveBits(ByteBuffer bytes, int offset, int high, int i) {
    return nibble(bytes, offset, i) | (high >> i & 1) << 4;
  }
}
