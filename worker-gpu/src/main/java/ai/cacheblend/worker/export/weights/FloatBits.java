package ai.cacheblend.worker.export.weights;

/** Bit patterns of the 16-bit formats; rounds to nearest, ties to even. */
public final class FloatBits {

  /** The largest finite half-precision number. */
  static final float MAX_HALF = 65504f;

  /** The largest finite bfloat16 number. */
  static final float MAX_BFLOAT = 0x1.fep127f;

  private static final int HALF_MANTISSA_BITS = 10;
  private static final int DROPPED_BITS = 23 - HALF_MANTISSA_BITS;
  private static final int EXPONENT_SHIFT = 127 - 15;

  private FloatBits() {}

  public static float fromHalf(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> HALF_MANTISSA_BITS) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0) {
      // Subnormal: mantissa · 2^-24, exact in a float.
      float magnitude = mantissa * 0x1p-24f;
      return Float.intBitsToFloat(sign | Float.floatToRawIntBits(magnitude));
    }
    int wide = exponent == 0x1f ? 0xff : exponent + EXPONENT_SHIFT;
    return Float.intBitsToFloat(sign | (wide << 23) | (mantissa << DROPPED_BITS));
  }

  /** Overflows to infinity. */
  public static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    int exponent = (magnitude >>> 23) - EXPONENT_SHIFT;
    if (exponent >= 0x1f) {
      return (short) (sign | 0x7c00);
    }
    if (exponent >= 1) {
      // A carry out of the mantissa increments the exponent, as it should.
      int half = roundShift(magnitude, DROPPED_BITS) - (EXPONENT_SHIFT << HALF_MANTISSA_BITS);
      return (short) (sign | half);
    }
    // Subnormal: units of 2^-24. Below half a unit everything rounds to zero.
    int shift = DROPPED_BITS + 1 - exponent;
    int mantissa = (magnitude & 0x7fffff) | 0x800000;
    return (short) (sign | (shift > 24 ? 0 : roundShift(mantissa, shift)));
  }

  public static float fromBfloat(short bfloat) {
    return Float.intBitsToFloat(bfloat << 16);
  }

  /** Overflows to infinity. */
  public static short toBfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > 0x7f800000) {
      return (short) ((bits >>> 16) | 0x40);
    }
    return (short) roundShift(bits, 16);
  }

  /** The bits shifted right, rounded to nearest even. */
  private static int roundShift(int bits, int shift) {
    int kept = bits >>> shift;
    int halfway = 1 << (shift - 1);
    int dropped = bits & ((1 << shift) - 1);
    boolean up = dropped > halfway || (dropped == halfway && (kept & 1) != 0);
    return up ? kept + 1 : kept;
  }
}
