package ai.cacheblend.host;

import static java.util.Objects.requireNonNull;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Counters and state of a host at a moment. A value is empty if the system does not report it.
 *
 * @param bootId random, drawn when the kernel started: equal for all processes of a host; empty if
 *     unknown
 * @param monotonicNanos moment of the reading; only differences on one host have a meaning
 * @param processors processors that the reading process may use
 * @param load1 load average over one minute
 * @param cpuWaitMicros time during which a runnable task waited for a processor (PSI, "some")
 * @param memoryWaitMicros the same for memory
 * @param ioWaitMicros the same for I/O
 * @param cpuTicks time of all processors together
 * @param stealTicks part of it that the hypervisor gave to other machines
 * @param cpuLimit processors that the control group allows; empty if unlimited
 * @param throttledMicros time during which the control group was stopped by its limit
 * @param availableMemoryBytes memory that can be allocated without swapping
 * @param cpuMhz clock of the first processor
 */
public record HostReading(
    String bootId,
    long monotonicNanos,
    int processors,
    OptionalDouble load1,
    OptionalLong cpuWaitMicros,
    OptionalLong memoryWaitMicros,
    OptionalLong ioWaitMicros,
    OptionalLong cpuTicks,
    OptionalLong stealTicks,
    OptionalDouble cpuLimit,
    OptionalLong throttledMicros,
    OptionalLong availableMemoryBytes,
    OptionalDouble cpuMhz) {
  public HostReading {
    requireNonNull(bootId, "bootId is null");
  }

  /** Whether both readings are of one host, as far as that is known. */
  public boolean sameHost(HostReading other) {
    return bootId.equals(other.bootId);
  }
}
