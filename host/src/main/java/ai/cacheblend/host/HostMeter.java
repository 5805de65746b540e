package ai.cacheblend.host;

import com.google.common.base.Splitter;
import com.google.common.base.Ticker;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads the load of this host from {@code /proc} and {@code /sys}. Thread-safe. */
public final class HostMeter {
  private static final Pattern BOOT_ID = Pattern.compile("(\\S+)");
  private static final Pattern PRESSURE = Pattern.compile("some .*total=(\\d+)");
  private static final Pattern MEMORY = Pattern.compile("MemAvailable:\\s+(\\d+) kB");
  private static final Pattern MHZ = Pattern.compile("cpu MHz\\s*: ([0-9.]+)");
  private static final Pattern MODEL_NAME = Pattern.compile("model name\\s*: (.*\\S)");
  private static final Pattern THROTTLED_MICROS = Pattern.compile("throttled_usec (\\d+)");
  private static final Pattern THROTTLED_NANOS = Pattern.compile("throttled_time (\\d+)");
  private static final Pattern QUOTA = Pattern.compile("(\\d+ \\d+)");
  private static final Pattern LOAD = Pattern.compile("([0-9.]+) ");
  private static final Pattern STAT = Pattern.compile("cpu\\s+(.*)");
  private static final Pattern DIGITS = Pattern.compile("(\\d+)");

  private static final int NANOS_PER_MICRO = 1000;
  private static final double KHZ_PER_MHZ = 1e3;
  private static final int BYTES_PER_KIB = 1024;

  /** Fields of the first line of {@code /proc/stat} before guest time, which user time includes. */
  private static final int STAT_FIELDS = 8;

  private static final int STEAL = 7;

  private final FirstMatch files;
  private final int processors;
  private final Ticker ticker;

  /**
   * @param root folder that has {@code proc} and {@code sys}; empty if nothing is measured
   */
  HostMeter(Optional<Path> root, int processors, Ticker ticker) {
    this.files = new FirstMatch(root);
    this.processors = processors;
    this.ticker = ticker;
  }

  /** Of this host. */
  public static HostMeter system() {
    return new HostMeter(
        Optional.of(Path.of("/")),
        Runtime.getRuntime().availableProcessors(),
        Ticker.systemTicker());
  }

  /** Measures nothing. */
  public static HostMeter none() {
    return new HostMeter(Optional.empty(), 0, Ticker.systemTicker());
  }

  /** Takes about 0.2 ms; call it outside of timed calls. */
  public HostReading read() {
    List<Long> stat = stat();
    return new HostReading(
        files.text("proc/sys/kernel/random/boot_id", BOOT_ID).orElse(""),
        ticker.read(),
        processors,
        files.real("proc/loadavg", LOAD),
        files.integer("proc/pressure/cpu", PRESSURE),
        files.integer("proc/pressure/memory", PRESSURE),
        files.integer("proc/pressure/io", PRESSURE),
        stat.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(stat.stream().mapToLong(Long::longValue).sum()),
        stat.isEmpty() ? OptionalLong.empty() : OptionalLong.of(stat.get(STEAL)),
        cpuLimit(),
        throttledMicros(),
        availableMemoryBytes(),
        cpuMhz());
  }

  /** The product name of the processor; the architecture if the system does not report it. */
  public String processorName() {
    return files.text("proc/cpuinfo", MODEL_NAME).orElse(System.getProperty("os.arch"));
  }

  /** Clock ticks by use; empty if unknown. */
  private List<Long> stat() {
    List<Long> fields =
        files
            .text("proc/stat", STAT)
            .map(
                text ->
                    Splitter.on(' ')
                        .omitEmptyStrings()
                        .splitToStream(text)
                        .limit(STAT_FIELDS)
                        .map(Long::valueOf)
                        .toList())
            .orElse(List.of());
    return fields.size() == STAT_FIELDS ? fields : List.of();
  }

  /** Control groups of version 2, then of version 1. */
  private OptionalLong throttledMicros() {
    OptionalLong micros = files.integer("sys/fs/cgroup/cpu.stat", THROTTLED_MICROS);
    OptionalLong nanos = files.integer("sys/fs/cgroup/cpu/cpu.stat", THROTTLED_NANOS);
    return micros.isPresent() || nanos.isEmpty()
        ? micros
        : OptionalLong.of(nanos.getAsLong() / NANOS_PER_MICRO);
  }

  private OptionalDouble cpuLimit() {
    Optional<String> max = files.text("sys/fs/cgroup/cpu.max", QUOTA);
    if (max.isPresent()) {
      List<String> quotaAndPeriod = Splitter.on(' ').splitToList(max.get());
      return OptionalDouble.of(
          Double.parseDouble(quotaAndPeriod.get(0)) / Double.parseDouble(quotaAndPeriod.get(1)));
    }
    OptionalDouble quota = files.real("sys/fs/cgroup/cpu/cpu.cfs_quota_us", DIGITS);
    OptionalDouble period = files.real("sys/fs/cgroup/cpu/cpu.cfs_period_us", DIGITS);
    return quota.isPresent() && period.isPresent()
        ? OptionalDouble.of(quota.getAsDouble() / period.getAsDouble())
        : OptionalDouble.empty();
  }

  private OptionalLong availableMemoryBytes() {
    OptionalLong kib = files.integer("proc/meminfo", MEMORY);
    return kib.isPresent() ? OptionalLong.of(kib.getAsLong() * BYTES_PER_KIB) : kib;
  }

  private OptionalDouble cpuMhz() {
    OptionalDouble khz = files.real("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", DIGITS);
    return khz.isPresent()
        ? OptionalDouble.of(khz.getAsDouble() / KHZ_PER_MHZ)
        : files.real("proc/cpuinfo", MHZ);
  }
}
