package ai.cacheblend.worker.device;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How a GPU is doing. Empty is what the device, its driver or a virtual machine does not tell.
 *
 * @param usedMemoryByteCount by all processes on it
 * @param powerLimitMilliwatts the one that is enforced
 * @param clocksEventReasons why clocks are not at their maximum
 */
public record GpuFigures(
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
  private static final int FIGURE_COUNT = 11;

  /** From {@link NvmlCalls#sample}. */
  static GpuFigures of(long[] figures) {
    checkArgument(
        figures.length == FIGURE_COUNT,
        "%s figures, must be %s; the native library is of another build",
        figures.length,
        FIGURE_COUNT);
    return new GpuFigures(
        longFigure(figures[0]),
        longFigure(figures[1]),
        figure(figures[2]),
        figure(figures[3]),
        figure(figures[4]),
        figure(figures[5]),
        figure(figures[6]),
        figure(figures[7]),
        figure(figures[8]),
        figures[9] < 0 ? Optional.empty() : Optional.of(ClocksEventReason.of(figures[9])),
        figures[10] < 0 ? Optional.empty() : Optional.of(figures[10] != 0));
  }

  private static OptionalInt figure(long value) {
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(value));
  }

  private static OptionalLong longFigure(long value) {
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
