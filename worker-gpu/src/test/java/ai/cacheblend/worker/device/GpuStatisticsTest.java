package ai.cacheblend.worker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class GpuStatisticsTest {
  @Test
  void decodesFieldsInTheOrderOfTheNativeCall() {
    long reasons = 0x4 | 0x40 | 1L << 40;
    GpuStatistics statistics =
        GpuStatistics.of(
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
    assertThat(statistics)
        .isEqualTo(
            new GpuStatistics(
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
  void minusOneIsEmptyAndZeroIsAValue() {
    GpuStatistics statistics = GpuStatistics.of(new long[] {-1, 0, -1, 0, -1, 0, -1, 0, -1, 0, 0});
    assertThat(statistics.totalMemoryByteCount()).isEmpty();
    assertThat(statistics.usedMemoryByteCount()).hasValue(0);
    assertThat(statistics.smClockMhz()).isEmpty();
    assertThat(statistics.maxSmClockMhz()).hasValue(0);
    assertThat(statistics.temperatureCelsius()).isEmpty();
    assertThat(statistics.clocksEventReasons()).hasValue(Set.of());
    assertThat(statistics.migEnabled()).hasValue(false);
  }

  @Test
  void rejectsASampleOfAnotherBuild() {
    assertThatThrownBy(() -> GpuStatistics.of(new long[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 3 fields, expected 11");
  }
}
