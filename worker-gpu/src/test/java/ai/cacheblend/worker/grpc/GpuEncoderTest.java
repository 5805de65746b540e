package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.DeviceDescription;
import ai.cacheblend.proto.v1.DeviceStatistics;
import ai.cacheblend.worker.device.ClocksEventReason;
import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.device.GpuStatistics;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

final class GpuEncoderTest {
  private static final Gpu.Identity IDENTITY =
      new Gpu.Identity("Some GPU", "GPU-0", "0000:1b:00.0", "580.1", "13.0");

  private record FakeGpu(Identity identity, Supplier<GpuStatistics> statistics) implements Gpu {
    @Override
    public GpuStatistics sample() {
      return statistics.get();
    }
  }

  @Test
  void encodesEveryStatistic() {
    GpuStatistics statistics =
        new GpuStatistics(
            OptionalLong.of(1L << 40),
            OptionalLong.of(1L << 35),
            OptionalInt.of(1),
            OptionalInt.of(2),
            OptionalInt.of(3),
            OptionalInt.of(4),
            OptionalInt.of(5),
            OptionalInt.of(6),
            OptionalInt.of(7),
            Optional.of(Set.of(ClocksEventReason.SYNC_BOOST, ClocksEventReason.GPU_IDLE)),
            Optional.of(false));
    assertThat(encode(() -> statistics))
        .isEqualTo(
            DeviceDescription.newBuilder()
                .setUuid("GPU-0")
                .setPciBusId("0000:1b:00.0")
                .setDriverVersion("580.1")
                .setCudaDriverVersion("13.0")
                .setStatistics(
                    DeviceStatistics.newBuilder()
                        .setTotalMemoryByteCount(1L << 40)
                        .setUsedMemoryByteCount(1L << 35)
                        .setSmClockMhz(1)
                        .setMaxSmClockMhz(2)
                        .setMemoryClockMhz(3)
                        .setMaxMemoryClockMhz(4)
                        .setPowerMilliwatts(5)
                        .setPowerLimitMilliwatts(6)
                        .setTemperatureCelsius(7)
                        .addClocksEventReasons("gpu_idle")
                        .addClocksEventReasons("sync_boost")
                        .setMigEnabled(false))
                .build());
  }

  @Test
  void unreportedStatisticsAreAbsent() {
    GpuStatistics statistics =
        new GpuStatistics(
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty());
    assertThat(encode(() -> statistics).getStatistics())
        .isEqualTo(DeviceStatistics.getDefaultInstance());
  }

  @Test
  void describesAGpuWithoutStatisticsIfSamplingFails() {
    DeviceDescription message =
        encode(
            () -> {
              throw new IllegalStateException("no NVML");
            });
    assertThat(message.hasStatistics()).isFalse();
    assertThat(message.getUuid()).isEqualTo("GPU-0");
  }

  private static DeviceDescription encode(Supplier<GpuStatistics> statistics) {
    DeviceDescription.Builder message = DeviceDescription.newBuilder();
    GpuEncoder.addTo(message, new FakeGpu(IDENTITY, statistics));
    return message.build();
  }
}
