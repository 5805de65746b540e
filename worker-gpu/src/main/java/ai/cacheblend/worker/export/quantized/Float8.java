package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.weights.FloatBits;
import java.util.Arrays;
import java.util.Optional;

/** Numbers of eight bits, as PyTorch defines them. */
enum Float8 {
  /** Four bits of exponent with bias 7, no infinity. */
  F8_E4M3 {
    @Override
    float number(int bits) {
      int exponent = bits >> 3 & 15;
      int mantissa = bits & 7;
      float magnitude =
          exponent == 0
              ? mantissa * 0x1p-9f
              : (exponent == 15 && mantissa == 7)
                  ? Float.NaN
                  : Math.scalb(1 + mantissa / 8f, exponent - 7);
      return (bits & 128) == 0 ? magnitude : -magnitude;
    }
  },
  /** The upper byte of a half-precision number. */
  F8_E5M2 {
    @Override
    float number(int bits) {
      return FloatBits.fromHalf((short) (bits << 8));
    }
  };

  abstract float number(int bits);

  /** The numbers of all bytes. */
  float[] numbers() {
    float[] numbers = new float[256];
    for (int bits = 0; bits < numbers.length; bits++) {
      numbers[bits] = number(bits);
    }
    return numbers;
  }

  /** The format of a safetensors dtype. */
  static Optional<Float8> ofName(String dtype) {
    return Arrays.stream(values()).filter(format -> format.name().equals(dtype)).findFirst();
  }
}
