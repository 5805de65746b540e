package ai.cacheblend.worker.export.quantized;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Values of torch.float8_e4m3fn and torch.float8_e5m2 in PyTorch 2.13. */
final class Float8Test {

  @Test
  void decodesE4m3() {
    float[] numbers = Float8.F8_E4M3.numbers();
    assertThat(numbers[0x01]).isEqualTo(0x1p-9f);
    assertThat(numbers[0x08]).isEqualTo(0x1p-6f);
    assertThat(numbers[0x38]).isEqualTo(1f);
    assertThat(numbers[0x7e]).isEqualTo(448f);
    assertThat(numbers[0xfe]).isEqualTo(-448f);
    assertThat(numbers[0x80]).isEqualTo(-0f);
    assertThat(numbers[0x7f]).isNaN();
    assertThat(numbers[0xff]).isNaN();
  }

  @Test
  void decodesE5m2() {
    float[] numbers = Float8.F8_E5M2.numbers();
    assertThat(numbers[0x01]).isEqualTo(0x1p-16f);
    assertThat(numbers[0x3c]).isEqualTo(1f);
    assertThat(numbers[0x7b]).isEqualTo(57344f);
    assertThat(numbers[0x7c]).isInfinite();
  }
}
