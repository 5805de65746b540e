package ai.cacheblend.orchestrator.records;

import ai.cacheblend.host.HostMeter;
import ai.cacheblend.orchestrator.client.OrchestratorBuild;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Facts about this machine and this program. */
public final class SystemFacts {
  private static final Path KERNEL = Path.of("/proc/version");
  private static final Path GOVERNOR =
      Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");

  private SystemFacts() {}

  /** The environment of a session that begins now. */
  public static Environment environment(
      Instant startedAt, List<String> commandLine, String datasetSha256, List<WorkerInfo> workers) {
    return new Environment(
        startedAt,
        OrchestratorBuild.read(),
        commandLine,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        firstLine(KERNEL).orElse("unknown"),
        HostMeter.system().processorName(),
        Runtime.getRuntime().availableProcessors(),
        firstLine(GOVERNOR),
        datasetSha256,
        workers);
  }

  private static Optional<String> firstLine(Path file) {
    try {
      return Files.readAllLines(file).stream().findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
