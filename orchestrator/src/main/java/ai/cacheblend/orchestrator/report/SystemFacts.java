package ai.cacheblend.orchestrator.report;

import ai.cacheblend.orchestrator.run.Fleet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Properties;

/** Facts about this machine and program. */
public final class SystemFacts {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private SystemFacts() {}

  /** The environment of a run that begins now. */
  public static Environment environment(Instant startedAt, List<String> commandLine, Fleet fleet) {
    return new Environment(
        startedAt,
        version(),
        commandLine,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        cpu(),
        Runtime.getRuntime().availableProcessors(),
        fleet.workers());
  }

  /** The version of this program. */
  public static String version() {
    try (InputStream in = SystemFacts.class.getResourceAsStream("/orchestrator.properties")) {
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
