package ai.cacheblend.worker.export.weights;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FloatBitsTest {

  /** IEEE 754 bit patterns, from the standard's definition. */
  @ParameterizedTest
  @CsvSource({
    "0x0p0, 0000",
    "-0x0p0, 8000",
    "0x1p0, 3c00",
    "-0x1p1, c000",
    "0x1.554p-2, 3555",
    "65504, 7bff",
    "0x1p-14, 0400", // smallest normal
    "0x0.ffcp-14, 03ff", // largest subnormal
    "0x1p-24, 0001", // smallest subnormal
    "0x1p-25, 0000", // tie between 0 and the smallest: to even
    "0x1.000002p-25, 0001",
    "0x1.8p-24, 0002", // tie between 1 and 2 units
    "0x0.ffep-14, 0400", // rounds up out of the subnormals
    "0x1p-149, 0000",
    "0x1.002p0, 3c00", // tie, even is below
    "0x1.006p0, 3c02", // tie, even is above
    "0x1.002002p0, 3c01",
    "65519, 7bff",
    "65520, 7c00", // overflows
    "Infinity, 7c00",
    "NaN, 7e00"
  })
  void halfOfFloat(String value, String hex) {
    assertThat(FloatBits.toHalf(Float.parseFloat(value)))
        .isEqualTo((short) Integer.parseInt(hex, 16));
  }

  @ParameterizedTest
  @CsvSource({
    "0x1p0, 3f80",
    "-0x1.8p1, c040",
    "0x1.01p0, 3f80", // tie, even is below
    "0x1.03p0, 3f82", // tie, even is above
    "0x1.010002p0, 3f81",
    "0x1.fep127, 7f7f",
    "0x1.ffp127, 7f80", // overflows
    "0x1p-149, 0000",
    "-0x1p-133, 8001", // smallest subnormal
    "NaN, 7fc0"
  })
  void bfloatOfFloat(String value, String hex) {
    assertThat(FloatBits.toBfloat(Float.parseFloat(value)))
        .isEqualTo((short) Integer.parseInt(hex, 16));
  }

  @Test
  void decodesEveryFiniteHalf() {
    for (int bits = 0; bits < 0x7c00; bits++) {
      int exponent = bits >> 10;
      double mantissa = bits & 0x3ff;
      double expected =
          exponent == 0
              ? mantissa / 1024 * Math.pow(2, -14)
              : (1 + mantissa / 1024) * Math.pow(2, exponent - 15);
      assertThat((double) FloatBits.fromHalf((short) bits)).isEqualTo(expected);
      assertThat((double) FloatBits.fromHalf((short) (bits | 0x8000))).isEqualTo(-expected);
    }
  }

  @Test
  void roundsToTheNearestHalfWithTiesToEven() {
    for (int bits = 0; bits < 0x7bff; bits++) {
      float low = FloatBits.fromHalf((short) bits);
      float high = FloatBits.fromHalf((short) (bits + 1));
      float middle = (low + high) / 2; // exact: a float has more bits
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(FloatBits.toHalf(low)).isEqualTo((short) bits);
      assertThat(FloatBits.toHalf(Math.nextDown(middle))).isEqualTo((short) bits);
      assertThat(FloatBits.toHalf(middle)).isEqualTo((short) even);
      assertThat(FloatBits.toHalf(Math.nextUp(middle))).isEqualTo((short) (bits + 1));
    }
  }

  @Test
  void roundsToTheNearestBfloatWithTiesToEven() {
    for (int bits = 0; bits < 0x7f7f; bits++) {
      float low = FloatBits.fromBfloat((short) bits);
      int middle = (bits << 16) | 0x8000;
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(FloatBits.toBfloat(low)).isEqualTo((short) bits);
      assertThat(FloatBits.toBfloat(Float.intBitsToFloat(middle - 1))).isEqualTo((short) bits);
      assertThat(FloatBits.toBfloat(Float.intBitsToFloat(middle))).isEqualTo((short) even);
      assertThat(FloatBits.toBfloat(Float.intBitsToFloat(middle + 1)))
          .isEqualTo((short) (bits + 1));
    }
  }
}
