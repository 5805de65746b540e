package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.client.Access;
import ai.cacheblend.orchestrator.client.ClientLimits;
import ai.cacheblend.orchestrator.client.GrpcWorkerClient;
import ai.cacheblend.orchestrator.client.LeaseHolder;
import ai.cacheblend.orchestrator.client.LeaseWait;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.plan.Defaults;
import ai.cacheblend.orchestrator.plan.PlanException;
import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The workers of a command. */
final class WorkerOptions {
  private static final String LAUNCHER = "CACHEBLEND_LAUNCHER";

  @Option(
      names = "--worker",
      paramLabel = "HOST:PORT,...",
      split = ",",
      hideParamSyntax = true,
      description = "Running worker; may be repeated to distribute the work.")
  private List<String> workers = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR|FILE|NAME",
      description =
          "Model folder, .gguf file, or Hugging Face name, which is downloaded if the local cache"
              + " lacks it; without --worker, a local worker serves it (default: "
              + Defaults.MODEL
              + ", the embedded model).")
  private String model;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Device of the local worker: cpu or cuda:N (default: cpu).")
  private String device;

  @Option(
      names = "--call-timeout",
      paramLabel = "SECONDS",
      defaultValue = "" + Defaults.CALL_TIMEOUT_SECONDS,
      description = "Deadline of one call to a worker (default: ${DEFAULT-VALUE}).")
  private int callTimeoutSeconds;

  @Option(
      names = "--heartbeat-timeout",
      paramLabel = "SECONDS",
      defaultValue = "" + Defaults.HEARTBEAT_TIMEOUT_SECONDS,
      description =
          "Time after which a worker that does not respond is considered lost (default:"
              + " ${DEFAULT-VALUE}).")
  private int heartbeatTimeoutSeconds;

  @Option(
      names = "--shared",
      description =
          "Share the workers with other runs that use --shared. Trials during which a worker served"
              + " another client are invalid.")
  private boolean shared;

  @Mixin private AccessOptions access;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the log of the local worker.")
  private boolean verbose;

  /** Whether workers or a model are named. */
  boolean given() {
    return !workers.isEmpty() || model != null;
  }

  /** Names of the workers in plans: addresses, or the model of the local worker. */
  List<String> names() {
    limits();
    if (workers.isEmpty()) {
      require(
          !access.given(),
          "tls-ca, tls-cert, tls-key and token-file apply to running workers only;"
              + " give --worker");
      return List.of(model());
    }
    Access with = access.access();
    require(model == null, "--worker and --model exclude each other; give one");
    require(device == null, "--device applies to a local worker only; leave it out with --worker");
    workers.forEach(worker -> with.requireConfidential(address(worker)));
    return workers;
  }

  private ClientLimits limits() {
    return new ClientLimits(Duration.ofSeconds(callTimeoutSeconds), heartbeatTimeoutSeconds);
  }

  private WorkerSession.Connector connector(Console console, Access with) {
    return address -> GrpcWorkerClient.to(address, console.clock().ticker(), limits(), with);
  }

  private WorkerSession.Lease lease(Console console) {
    return new WorkerSession.Lease(
        LeaseHolder.of(command.name(), console.clock().wall().instant()),
        shared,
        new LeaseWait(
            console.clock().ticker(),
            Uninterruptibles::sleepUninterruptibly,
            console.err()::println));
  }

  private LocalWorker.Shown shown(boolean progress) {
    if (verbose) {
      return LocalWorker.Shown.ALL;
    }
    return progress ? LocalWorker.Shown.START : LocalWorker.Shown.NONE;
  }

  private String model() {
    return model == null ? Defaults.MODEL : model;
  }

  private static HostAndPort address(String worker) {
    try {
      HostAndPort address = HostAndPort.fromString(worker);
      require(address.hasPort() && !address.getHost().isEmpty(), usage(worker));
      return address;
    } catch (IllegalArgumentException e) {
      throw new PlanException(usage(worker));
    }
  }

  private static String usage(String worker) {
    return "worker is '" + worker + "'; use HOST:PORT, or [ADDRESS]:PORT for an IPv6 address";
  }

  /**
   * Connects to the workers, or starts a local one.
   *
   * @param checkLayers check layers that a local worker must support
   * @param progress whether the start of a local worker is shown
   */
  WorkerSession open(Console console, Set<Integer> checkLayers, boolean progress) {
    if (!workers.isEmpty()) {
      return WorkerSession.connect(
          workers.stream().map(WorkerOptions::address).toList(),
          connector(console, access.access()),
          lease(console));
    }
    String launcher = console.environment().get(LAUNCHER);
    if (launcher == null || launcher.isBlank()) {
      throw new LocalWorkerException(
          "cannot start a worker: environment variable "
              + LAUNCHER
              + " is not set; run the cacheblend script, or give --worker HOST:PORT");
    }
    CheckpointDownload.run(model(), progress ? console : console.with(Progress.Style.SILENT));
    List<String> command =
        new ArrayList<>(List.of(launcher, "worker", "--model", model(), "--port", "0"));
    command.add("--exit-with-parent");
    if (device != null) {
      command.addAll(List.of("--device", device));
    }
    if (!Set.of(Defaults.CHECK_LAYER).containsAll(checkLayers)) {
      List<String> layers = checkLayers.stream().sorted().map(String::valueOf).toList();
      command.addAll(List.of("--check-layers", String.join(",", layers)));
    }
    return WorkerSession.start(
        command, shown(progress), console, connector(console, Access.OPEN), lease(console));
  }
}
