package ai.cacheblend.worker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class GpuFiguresTest {
  @Test
  void figuresStandInTheOrderOfTheNativeCall() {
    long reasons = 0x4 | 0x40 | 1L << 40;
    GpuFigures figures =
        GpuFigures.of(
            new long[] {
              150_000_000_000L,
              16_000_000_000L,
              1980,
              1985,
              3200,
              3201,
              690_000,
              700_000,
              61,
              reasons,
              1
            });
    assertThat(figures)
        .isEqualTo(
            new GpuFigures(
                OptionalLong.of(150_000_000_000L),
                OptionalLong.of(16_000_000_000L),
                OptionalInt.of(1980),
                OptionalInt.of(1985),
                OptionalInt.of(3200),
                OptionalInt.of(3201),
                OptionalInt.of(690_000),
                OptionalInt.of(700_000),
                OptionalInt.of(61),
                Optional.of(
                    Set.of(
                        ClocksEventReason.SW_POWER_CAP,
                        ClocksEventReason.HW_THERMAL_SLOWDOWN,
                        ClocksEventReason.OTHER)),
                Optional.of(true)));
  }

  @Test
  void whatIsNotToldIsEmptyAndZeroIsZero() {
    GpuFigures figures = GpuFigures.of(new long[] {-1, 0, -1, 0, -1, 0, -1, 0, -1, 0, 0});
    assertThat(figures.totalMemoryByteCount()).isEmpty();
    assertThat(figures.usedMemoryByteCount()).hasValue(0);
    assertThat(figures.smClockMhz()).isEmpty();
    assertThat(figures.maxSmClockMhz()).hasValue(0);
    assertThat(figures.temperatureCelsius()).isEmpty();
    assertThat(figures.clocksEventReasons()).hasValue(Set.of());
    assertThat(figures.migEnabled()).hasValue(false);
  }

  @Test
  void refusesFiguresOfAnotherBuild() {
    assertThatThrownBy(() -> GpuFigures.of(new long[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 figures, must be 11");
  }
}
