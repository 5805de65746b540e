package ai.cacheblend.orchestrator.testing;

import ai.cacheblend.host.HostReading;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Readings of hosts with few values. */
public final class HostReadings {
  private HostReadings() {}

  /** Of a host that reports nothing. */
  public static HostReading empty(String bootId, long nanos) {
    return of(bootId, nanos, 0, OptionalLong.empty());
  }

  /** Of a host with two processors. */
  public static HostReading waited(String bootId, long nanos, long cpuWaitMicros) {
    return of(bootId, nanos, 2, OptionalLong.of(cpuWaitMicros));
  }

  private static HostReading of(
      String bootId, long nanos, int processors, OptionalLong cpuWaitMicros) {
    return new HostReading(
        bootId,
        nanos,
        processors,
        OptionalDouble.empty(),
        cpuWaitMicros,
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalDouble.empty());
  }
}
