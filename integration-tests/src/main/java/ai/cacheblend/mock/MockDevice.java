package ai.cacheblend.mock;

import ai.cacheblend.proto.v1.DeviceDescription;
import ai.cacheblend.proto.v1.DeviceFigures;
import java.util.function.IntPredicate;

/** What a mock worker says that it runs on. */
public interface MockDevice {
  /** In the answer to the call-th Describe, from 1. */
  DeviceDescription describe(int call);

  /** A processor, which tells no figures. */
  static MockDevice cpu() {
    return call ->
        DeviceDescription.newBuilder()
            .setKind("cpu")
            .setName("mock")
            .setThreadCount(1)
            .setInstructionSet("baseline")
            .build();
  }

  /** A GPU that is hot and slowed down when some calls are answered, and cool at others. */
  static MockDevice gpu(IntPredicate throttled) {
    return call ->
        DeviceDescription.newBuilder()
            .setKind("cuda")
            .setName("mock GPU")
            .setUuid("GPU-mock")
            .setDriverVersion("580.1")
            .setFigures(figures(throttled.test(call)))
            .build();
  }

  private static DeviceFigures figures(boolean throttled) {
    return DeviceFigures.newBuilder()
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
