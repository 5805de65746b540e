package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.DeviceDescription;
import ai.cacheblend.proto.v1.DeviceStatistics;
import java.util.function.IntPredicate;

/** The device that a mock worker reports. */
public interface MockDevice {
  /**
   * The state of the device.
   *
   * @param prompts number of Generate calls before; independent of heartbeats, unlike a number of
   *     Describe calls
   */
  DeviceDescription describe(int prompts);

  /** A CPU, which has no device statistics. */
  static MockDevice cpu() {
    return prompts ->
        DeviceDescription.newBuilder()
            .setKind("cpu")
            .setName("mock")
            .setThreadCount(1)
            .setInstructionSet("baseline")
            .build();
  }

  /** A GPU that is throttled after the numbers of prompts that {@code throttled} accepts. */
  static MockDevice gpu(IntPredicate throttled) {
    return prompts ->
        DeviceDescription.newBuilder()
            .setKind("cuda")
            .setName("mock GPU")
            .setUuid("GPU-mock")
            .setDriverVersion("580.1")
            .setStatistics(statistics(throttled.test(prompts)))
            .build();
  }

  private static DeviceStatistics statistics(boolean throttled) {
    return DeviceStatistics.newBuilder()
        .setTotalMemoryByteCount(80L << 30)
        .setUsedMemoryByteCount(3L << 30)
        .setSmClockMhz(throttled ? 900 : 1980)
        .setMaxSmClockMhz(1980)
        .setPowerMilliwatts(throttled ? 350_000 : 210_000)
        .setTemperatureCelsius(throttled ? 91 : 54)
        .addClocksEventReasons(throttled ? "sw_thermal_slowdown" : "gpu_idle")
        .build();
  }
}
