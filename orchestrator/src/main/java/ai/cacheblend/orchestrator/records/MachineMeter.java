package ai.cacheblend.orchestrator.records;

import com.google.common.base.Splitter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the load of this machine from {@code /proc} and {@code /sys}. */
public final class MachineMeter {
  private static final Pattern PRESSURE = Pattern.compile("some .*total=(\\d+)");
  private static final Pattern MEMORY = Pattern.compile("MemAvailable:\\s+(\\d+) kB");
  private static final Pattern MHZ = Pattern.compile("cpu MHz\\s*: ([0-9.]+)");
  private static final Pattern THROTTLED_MICROS = Pattern.compile("throttled_usec (\\d+)");
  private static final Pattern THROTTLED_NANOS = Pattern.compile("throttled_time (\\d+)");
  private static final Pattern QUOTA = Pattern.compile("(\\d+) (\\d+)");
  private static final Pattern LOAD = Pattern.compile("([0-9.]+) ");
  private static final Pattern STAT = Pattern.compile("cpu\\s+(.*)");
  private static final Pattern DIGITS = Pattern.compile("(\\d+)");

  private static final double MICROS_PER_SECOND = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double KHZ_PER_MHZ = 1e3;
  private static final int BYTES_PER_KIB = 1024;

  /** Fields of the first line of {@code /proc/stat} before guest time, which user time includes. */
  private static final int STAT_FIELDS = 8;

  private static final int STEAL = 7;

  private final Optional<Path> root;
  private final int processors;

  /**
   * Counters at a moment, in seconds.
   *
   * @param stat times of all processors together, in clock ticks; empty if unknown
   */
  public record Reading(
      OptionalDouble cpuWait,
      OptionalDouble memoryWait,
      OptionalDouble ioWait,
      OptionalDouble throttled,
      List<Long> stat) {
    public Reading {
      stat = List.copyOf(stat);
    }
  }

  /**
   * @param root folder that has {@code proc} and {@code sys}; empty if nothing is measured
   */
  MachineMeter(Optional<Path> root, int processors) {
    this.root = root;
    this.processors = processors;
  }

  /** Of this machine. */
  public static MachineMeter system() {
    return new MachineMeter(Optional.of(Path.of("/")), Runtime.getRuntime().availableProcessors());
  }

  /** Measures nothing. */
  public static MachineMeter none() {
    return new MachineMeter(Optional.empty(), 0);
  }

  /** Call before a block, outside of timed calls. */
  public Reading read() {
    return new Reading(
        pressure("cpu"), pressure("memory"), pressure("io"), throttledSeconds(), stat());
  }

  /**
   * The load since {@code begin}. Call after a block, outside of timed calls.
   *
   * @param nanos since {@code begin}
   */
  public MachineLoad since(Reading begin, long nanos) {
    double seconds = nanos / NANOS_PER_SECOND;
    Reading end = read();
    return new MachineLoad(
        processors,
        first("proc/loadavg", LOAD),
        share(begin.cpuWait, end.cpuWait, seconds),
        share(begin.memoryWait, end.memoryWait, seconds),
        share(begin.ioWait, end.ioWait, seconds),
        steal(begin.stat, end.stat),
        cpuLimit(),
        share(begin.throttled, end.throttled, seconds),
        availableMemory(),
        mhz());
  }

  private static OptionalDouble share(OptionalDouble begin, OptionalDouble end, double seconds) {
    return begin.isPresent() && end.isPresent() && seconds > 0
        ? OptionalDouble.of(
            Math.max(0, Math.min(1, (end.getAsDouble() - begin.getAsDouble()) / seconds)))
        : OptionalDouble.empty();
  }

  private static OptionalDouble steal(List<Long> begin, List<Long> end) {
    if (begin.size() < STAT_FIELDS || end.size() < STAT_FIELDS) {
      return OptionalDouble.empty();
    }
    long total = 0;
    for (int i = 0; i < STAT_FIELDS; i++) {
      total += end.get(i) - begin.get(i);
    }
    return total > 0
        ? OptionalDouble.of(Math.max(0, (double) (end.get(STEAL) - begin.get(STEAL)) / total))
        : OptionalDouble.empty();
  }

  private OptionalDouble pressure(String resource) {
    return scaled(first("proc/pressure/" + resource, PRESSURE), 1 / MICROS_PER_SECOND);
  }

  private List<Long> stat() {
    Optional<String> line = lineOf("proc/stat", STAT);
    return line.map(
            text ->
                Splitter.on(' ')
                    .trimResults()
                    .omitEmptyStrings()
                    .splitToStream(text)
                    .map(Long::valueOf)
                    .toList())
        .orElse(List.of());
  }

  private OptionalDouble throttledSeconds() {
    OptionalDouble micros = first("sys/fs/cgroup/cpu.stat", THROTTLED_MICROS);
    return micros.isPresent()
        ? scaled(micros, 1 / MICROS_PER_SECOND)
        : scaled(first("sys/fs/cgroup/cpu/cpu.stat", THROTTLED_NANOS), 1 / NANOS_PER_SECOND);
  }

  /** Control groups of version 2, then of version 1. */
  private OptionalDouble cpuLimit() {
    Optional<Matcher> max = match("sys/fs/cgroup/cpu.max", QUOTA);
    if (max.isPresent()) {
      return OptionalDouble.of(
          Double.parseDouble(max.get().group(1)) / Double.parseDouble(max.get().group(2)));
    }
    OptionalDouble quota = first("sys/fs/cgroup/cpu/cpu.cfs_quota_us", DIGITS);
    OptionalDouble period = first("sys/fs/cgroup/cpu/cpu.cfs_period_us", DIGITS);
    return quota.isPresent() && period.isPresent()
        ? OptionalDouble.of(quota.getAsDouble() / period.getAsDouble())
        : OptionalDouble.empty();
  }

  private OptionalLong availableMemory() {
    OptionalDouble kib = first("proc/meminfo", MEMORY);
    return kib.isPresent()
        ? OptionalLong.of((long) (kib.getAsDouble() * BYTES_PER_KIB))
        : OptionalLong.empty();
  }

  private OptionalDouble mhz() {
    OptionalDouble khz = first("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", DIGITS);
    return khz.isPresent() ? scaled(khz, 1 / KHZ_PER_MHZ) : first("proc/cpuinfo", MHZ);
  }

  private static OptionalDouble scaled(OptionalDouble value, double factor) {
    return value.isPresent()
        ? OptionalDouble.of(value.getAsDouble() * factor)
        : OptionalDouble.empty();
  }

  private OptionalDouble first(String file, Pattern pattern) {
    Optional<String> text = lineOf(file, pattern);
    return text.isPresent()
        ? OptionalDouble.of(Double.parseDouble(text.get()))
        : OptionalDouble.empty();
  }

  private Optional<String> lineOf(String file, Pattern pattern) {
    return match(file, pattern).map(matcher -> matcher.group(1));
  }

  /** The first line that begins with {@code pattern}; no later line is read. */
  private Optional<Matcher> match(String file, Pattern pattern) {
    if (root.isEmpty()) {
      return Optional.empty();
    }
    try (BufferedReader lines = Files.newBufferedReader(root.get().resolve(file))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher matcher = pattern.matcher(line);
        if (matcher.lookingAt()) {
          return Optional.of(matcher);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
