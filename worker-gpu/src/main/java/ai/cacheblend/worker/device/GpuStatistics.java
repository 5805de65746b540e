package ai.cacheblend.worker.device;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One NVML sample of a GPU. A field is empty where the device, its driver or the virtual machine
 * does not report it.
 *
 * @param usedMemoryByteCount of all processes on the device
 * @param powerLimitMilliwatts the enforced limit
 * @param clocksEventReasons why clocks are below their maximum
 */
public record GpuStatistics(
    OptionalLong totalMemoryByteCount,
    OptionalLong usedMemoryByteCount,
    OptionalInt smClockMhz,
    OptionalInt maxSmClockMhz,
    OptionalInt memoryClockMhz,
    OptionalInt maxMemoryClockMhz,
    OptionalInt powerMilliwatts,
    OptionalInt powerLimitMilliwatts,
    OptionalInt temperatureCelsius,
    Optional<Set<ClocksEventReason>> clocksEventReasons,
    Optional<Boolean> migEnabled) {
  private static final int FIELD_COUNT = 11;

  /** Decodes the result of {@link NvmlCalls#sample}. */
  static GpuStatistics of(long[] fields) {
    checkArgument(
        fields.length == FIELD_COUNT,
        "NVML sample has %s fields, expected %s; rebuild the native library",
        fields.length,
        FIELD_COUNT);
    return new GpuStatistics(
        optionalLong(fields[0]),
        optionalLong(fields[1]),
        optionalInt(fields[2]),
        optionalInt(fields[3]),
        optionalInt(fields[4]),
        optionalInt(fields[5]),
        optionalInt(fields[6]),
        optionalInt(fields[7]),
        optionalInt(fields[8]),
        fields[9] < 0 ? Optional.empty() : Optional.of(ClocksEventReason.of(fields[9])),
        fields[10] < 0 ? Optional.empty() : Optional.of(fields[10] != 0));
  }

  private static OptionalInt optionalInt(long field) {
    return field < 0 ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(field));
  }

  private static OptionalLong optionalLong(long field) {
    return field < 0 ? OptionalLong.empty() : OptionalLong.of(field);
  }
}
