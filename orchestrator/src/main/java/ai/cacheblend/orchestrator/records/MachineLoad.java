package ai.cacheblend.orchestrator.records;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.host.HostReading;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Load of a machine during a block. A value is empty if the system does not report it.
 *
 * @param processors processors that this process may use
 * @param load1 load average over one minute, at the end of the block
 * @param cpuPressure share of the block in which a runnable task waited for a processor
 * @param memoryPressure share of the block in which a task waited for memory
 * @param ioPressure share of the block in which a task waited for I/O
 * @param steal share of the processors' time that the hypervisor gave to other machines
 * @param cpuLimit processors that the control group allows; empty if unlimited
 * @param cpuThrottled share of the block in which the control group was stopped by its limit
 * @param availableMemoryBytes at the end of the block
 * @param cpuMhz clock of the first processor at the end of the block
 */
public record MachineLoad(
    int processors,
    OptionalDouble load1,
    OptionalDouble cpuPressure,
    OptionalDouble memoryPressure,
    OptionalDouble ioPressure,
    OptionalDouble steal,
    OptionalDouble cpuLimit,
    OptionalDouble cpuThrottled,
    OptionalLong availableMemoryBytes,
    OptionalDouble cpuMhz) {
  public static final MachineLoad UNKNOWN =
      new MachineLoad(
          0,
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalLong.empty(),
          OptionalDouble.empty());

  /** On an idle machine, the threads of a worker keep the pressure below this share. */
  private static final double BUSY_CPU_PRESSURE = 0.5;

  private static final double BUSY_MEMORY_PRESSURE = 0.1;
  private static final double BUSY_STEAL = 0.05;
  private static final double BUSY_THROTTLED = 0.05;

  /** Per processor; used where the kernel does not report pressure. */
  private static final double BUSY_LOAD = 2;

  private static final double NANOS_PER_MICRO = 1e3;

  public MachineLoad {
    requireNonNull(load1, "load1 is null");
    requireNonNull(cpuPressure, "cpuPressure is null");
  }

  /** Evidence that the machine was busy during this block; empty if there is none. */
  public Optional<String> busyReason() {
    if (exceeds(cpuPressure, BUSY_CPU_PRESSURE)) {
      return Optional.of("tasks waited for a processor");
    }
    if (exceeds(steal, BUSY_STEAL)) {
      return Optional.of("the hypervisor ran other machines");
    }
    if (exceeds(cpuThrottled, BUSY_THROTTLED)) {
      return Optional.of("the CPU limit of the control group was reached");
    }
    if (exceeds(memoryPressure, BUSY_MEMORY_PRESSURE)) {
      return Optional.of("tasks waited for memory");
    }
    return cpuPressure.isEmpty() && processors > 0 && exceeds(load1, BUSY_LOAD * processors)
        ? Optional.of("the load average exceeds twice the number of processors")
        : Optional.empty();
  }

  public boolean busy() {
    return busyReason().isPresent();
  }

  /** The load between two readings of one host. */
  public static MachineLoad between(HostReading begin, HostReading end) {
    double micros = (end.monotonicNanos() - begin.monotonicNanos()) / NANOS_PER_MICRO;
    return new MachineLoad(
        end.processors(),
        end.load1(),
        share(begin.cpuWaitMicros(), end.cpuWaitMicros(), micros),
        share(begin.memoryWaitMicros(), end.memoryWaitMicros(), micros),
        share(begin.ioWaitMicros(), end.ioWaitMicros(), micros),
        begin.cpuTicks().isPresent() && end.cpuTicks().isPresent()
            ? share(
                begin.stealTicks(),
                end.stealTicks(),
                (double) (end.cpuTicks().getAsLong() - begin.cpuTicks().getAsLong()))
            : OptionalDouble.empty(),
        end.cpuLimit(),
        share(begin.throttledMicros(), end.throttledMicros(), micros),
        end.availableMemoryBytes(),
        end.cpuMhz());
  }

  /** Counters of the kernel and clocks are not read at one moment, so a share can exceed 1. */
  private static OptionalDouble share(OptionalLong begin, OptionalLong end, double whole) {
    return begin.isPresent() && end.isPresent() && whole > 0
        ? OptionalDouble.of(Math.max(0, Math.min(1, (end.getAsLong() - begin.getAsLong()) / whole)))
        : OptionalDouble.empty();
  }

  private static boolean exceeds(OptionalDouble value, double limit) {
    return value.isPresent() && value.getAsDouble() > limit;
  }

  ObjectNode json() {
    ObjectNode json = Json.object();
    json.put("busy", busy());
    json.put("busy_reason", busyReason().orElse(null));
    json.put("processors", processors);
    put(json, "load1", load1);
    put(json, "cpu_pressure", cpuPressure);
    put(json, "memory_pressure", memoryPressure);
    put(json, "io_pressure", ioPressure);
    put(json, "steal", steal);
    put(json, "cpu_limit", cpuLimit);
    put(json, "cpu_throttled", cpuThrottled);
    json.put(
        "available_memory_bytes",
        availableMemoryBytes.isPresent() ? (Long) availableMemoryBytes.getAsLong() : null);
    put(json, "cpu_mhz", cpuMhz);
    return json;
  }

  private static void put(ObjectNode json, String field, OptionalDouble value) {
    json.set(field, Json.number(value.orElse(Double.NaN)));
  }

  static MachineLoad read(JsonValue json) {
    return new MachineLoad(
        json.integer("processors"),
        number(json, "load1"),
        number(json, "cpu_pressure"),
        number(json, "memory_pressure"),
        number(json, "io_pressure"),
        number(json, "steal"),
        number(json, "cpu_limit"),
        number(json, "cpu_throttled"),
        json.find("available_memory_bytes")
            .map(bytes -> OptionalLong.of((long) bytes.number()))
            .orElse(OptionalLong.empty()),
        number(json, "cpu_mhz"));
  }

  private static OptionalDouble number(JsonValue json, String field) {
    double value = json.numberOrNan(field);
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
