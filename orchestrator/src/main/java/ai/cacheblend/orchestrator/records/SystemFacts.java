package ai.cacheblend.orchestrator.records;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Facts about this machine and this program. */
public final class SystemFacts {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path KERNEL = Path.of("/proc/version");
  private static final Path GOVERNOR =
      Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");

  private SystemFacts() {}

  /** The environment of a session that begins now. */
  public static Environment environment(
      Instant startedAt, List<String> commandLine, String datasetSha256, List<WorkerInfo> workers) {
    return new Environment(
        startedAt,
        version(),
        git(),
        commandLine,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        firstLine(KERNEL).orElse("unknown"),
        cpu(),
        Runtime.getRuntime().availableProcessors(),
        firstLine(GOVERNOR),
        datasetSha256,
        workers);
  }

  /** The version of this program. */
  public static String version() {
    return build().getProperty("version");
  }

  private static Optional<Environment.GitState> git() {
    String commit = build().getProperty("git.commit");
    // Builds without a checkout keep the placeholder.
    return commit.matches("[0-9a-f]+")
        ? Optional.of(
            new Environment.GitState(
                commit, Boolean.parseBoolean(build().getProperty("git.dirty"))))
        : Optional.empty();
  }

  private static Properties build() {
    try (InputStream in = SystemFacts.class.getResourceAsStream("/orchestrator.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> firstLine(Path file) {
    try {
      return Files.readAllLines(file).stream().findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String cpu() {
    try {
      return Files.readAllLines(CPU_INFO).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
