package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.host.HostReading;
import ai.cacheblend.orchestrator.testing.HostReadings;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class MachineLoadTest {
  private static final long TEN_SECONDS = 10_000_000_000L;

  @Test
  void sharesAreDifferencesOverTheBlock() {
    MachineLoad load =
        MachineLoad.between(
            reading(5, 1_000_000, 1000, 100), reading(5 + TEN_SECONDS, 8_000_000, 2000, 200));

    assertThat(load.processors()).isEqualTo(2);
    assertThat(load.load1()).hasValue(8.5);
    assertThat(load.cpuPressure()).hasValue(0.7);
    assertThat(load.memoryPressure()).hasValue(0);
    assertThat(load.steal()).hasValue(0.1);
    assertThat(load.cpuLimit()).hasValue(1.5);
    assertThat(load.cpuThrottled()).hasValue(0);
    assertThat(load.availableMemoryBytes()).hasValue(2048);
    assertThat(load.cpuMhz()).hasValue(2596.5);
    assertThat(load.busyReason()).contains("tasks waited for a processor");
  }

  @Test
  void shareIsAtMostOneAndNotNegative() {
    HostReading begin = reading(0, 1_000_000, 1000, 100);

    assertThat(MachineLoad.between(begin, reading(1000, 90_000_000, 1001, 300)).cpuPressure())
        .hasValue(1);
    assertThat(MachineLoad.between(begin, reading(1000, 0, 2000, 0)).steal()).hasValue(0);
  }

  @Test
  void readingsWithoutValuesAreUnknownAndNotBusy() {
    MachineLoad load =
        MachineLoad.between(HostReadings.empty("a", 0), HostReadings.empty("a", TEN_SECONDS));

    assertThat(load).isEqualTo(MachineLoad.UNKNOWN);
    assertThat(load.busy()).isFalse();
  }

  @Test
  void withoutPressureTheLoadAverageDecides() {
    MachineLoad load =
        new MachineLoad(
            2,
            OptionalDouble.of(4.5),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalLong.empty(),
            OptionalDouble.empty());

    assertThat(load.busy()).isTrue();
  }

  private static HostReading reading(long nanos, long cpuWaitMicros, long ticks, long steal) {
    return new HostReading(
        "a",
        nanos,
        2,
        OptionalDouble.of(8.5),
        OptionalLong.of(cpuWaitMicros),
        OptionalLong.of(0),
        OptionalLong.empty(),
        OptionalLong.of(ticks),
        OptionalLong.of(steal),
        OptionalDouble.of(1.5),
        OptionalLong.of(0),
        OptionalLong.of(2048),
        OptionalDouble.of(2596.5));
  }
}
