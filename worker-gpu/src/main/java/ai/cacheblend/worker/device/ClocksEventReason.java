package ai.cacheblend.worker.device;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** Why a GPU's clocks are below their maximum: the bits of NVML's nvmlClocksEventReasons. */
public enum ClocksEventReason {
  GPU_IDLE(0x1),
  APPLICATIONS_CLOCKS_SETTING(0x2),
  SW_POWER_CAP(0x4),
  HW_SLOWDOWN(0x8),
  SYNC_BOOST(0x10),
  SW_THERMAL_SLOWDOWN(0x20),
  HW_THERMAL_SLOWDOWN(0x40),
  HW_POWER_BRAKE_SLOWDOWN(0x80),
  DISPLAY_CLOCK_SETTING(0x100),
  /** A bit that a newer NVML defines. */
  OTHER(~0x1ffL);

  private final long bits;

  ClocksEventReason(long bits) {
    this.bits = bits;
  }

  static Set<ClocksEventReason> of(long mask) {
    return Arrays.stream(values())
        .filter(reason -> (mask & reason.bits) != 0)
        .collect(Collectors.toUnmodifiableSet());
  }
}
