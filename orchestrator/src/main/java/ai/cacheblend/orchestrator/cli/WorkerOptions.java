package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.PlanException;
import com.google.common.net.HostAndPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which workers serve a command. */
final class WorkerOptions {
  private static final String EMBEDDED_MODEL = "pocket";
  private static final String LAUNCHER = "CACHEBLEND_LAUNCHER";

  @Option(
      names = "--worker",
      paramLabel = "HOST:PORT",
      split = ",",
      description = "A running worker; repeat it to share the work out over several.")
  private List<String> workers = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Model folder or Hugging Face name to start a worker for, if no --worker is given"
              + " (default: pocket, the embedded model).")
  private String model;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Device of the worker to start: cpu or cuda:N (default: cpu).")
  private String device;

  @Option(
      names = "--call-timeout",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "Longest time one call to a worker may take (default: ${DEFAULT-VALUE}).")
  private int callTimeoutSeconds;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the log of the worker that is started here.")
  private boolean verbose;

  /** The workers by name: as given, or the model to start one for. */
  List<String> names() {
    require(callTimeoutSeconds >= 1, "call-timeout is " + callTimeoutSeconds + "; use 1 or more");
    if (workers.isEmpty()) {
      return List.of(model());
    }
    require(model == null, "--worker and --model: give one of them");
    require(device == null, "--device is for a worker started here; leave it out with --worker");
    workers.forEach(WorkerOptions::address);
    return workers;
  }

  private String model() {
    return model == null ? EMBEDDED_MODEL : model;
  }

  private static HostAndPort address(String worker) {
    try {
      HostAndPort address = HostAndPort.fromString(worker);
      require(
          address.hasPort() && !address.getHost().isEmpty(),
          "worker is '" + worker + "'; write HOST:PORT");
      return address;
    } catch (IllegalArgumentException e) {
      throw new PlanException("worker is '" + worker + "'; write HOST:PORT");
    }
  }

  /**
   * Connects to the workers, or starts one.
   *
   * @param checkLayers layers that a worker started here must be able to check at
   */
  WorkerSession open(Console console, Set<Integer> checkLayers) {
    Duration callTimeout = Duration.ofSeconds(callTimeoutSeconds);
    if (!workers.isEmpty()) {
      return WorkerSession.connect(
          workers.stream().map(WorkerOptions::address).toList(), console, callTimeout);
    }
    String launcher = console.environment().get(LAUNCHER);
    if (launcher == null || launcher.isBlank()) {
      throw new LocalWorkerException(
          "cannot start a worker: environment variable "
              + LAUNCHER
              + " is not set; run through the cacheblend script, or give --worker HOST:PORT");
    }
    List<String> command =
        new ArrayList<>(List.of(launcher, "worker", "--model", model(), "--port", "0"));
    if (device != null) {
      command.addAll(List.of("--device", device));
    }
    if (!Set.of(1).containsAll(checkLayers)) {
      List<String> layers = checkLayers.stream().sorted().map(String::valueOf).toList();
      command.addAll(List.of("--check-layers", String.join(",", layers)));
    }
    return WorkerSession.start(command, verbose, console, callTimeout);
  }
}
