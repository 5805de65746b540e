package ai.cacheblend.worker.cli;

import ai.cacheblend.hub.UserDirectories;
import ai.cacheblend.worker.engine.BatchLimits;
import ai.cacheblend.worker.engine.WorkerException;
import ai.cacheblend.worker.model.VerifyMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code worker}: prints {@code ready HOST:PORT} on stdout when it accepts requests, and serves
 * until a termination signal or the loss of its device.
 */
@Command(
    name = "worker",
    customSynopsis = "cacheblend worker --model DIR|FILE|NAME [OPTION]...",
    description = {
      "Serves a model over gRPC. Prints \"ready HOST:PORT\" when it accepts requests. Ends on"
          + " SIGTERM or SIGINT.",
      ""
    },
    sortOptions = false,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Exit status:",
      "   0   ended by a signal",
      "   1   failed",
      "   2   bad usage",
      "",
      "Examples:",
      "  cacheblend worker --model pocket",
      "  cacheblend worker --model mistral --device cuda:0 --chunk-memory 40g"
    })
final class WorkerCommand implements Callable<Integer> {
  private static final int CPU_STEP_ROWS = 256;
  private static final int CUDA_STEP_ROWS = 1536;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR|FILE|NAME",
      description =
          "Model folder, or a checkpoint, which is exported first: folder, .gguf file, or Hugging"
              + " Face name, which is downloaded; pocket is the embedded model.")
  private String model;

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      description = "cpu, or cuda:N, for example cuda:0 (default: ${DEFAULT-VALUE}).")
  private String device;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      paramLabel = "ADDRESS",
      description = "Address to bind to (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "50051",
      paramLabel = "PORT",
      description = "Port to bind to; 0 selects a free port (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Compute threads on the CPU (default: all processors).")
  private Integer threads;

  @Option(
      names = "--kv-memory",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description =
          "Memory for the KV of running requests, for example 4g (default: enough for all positions"
              + " of the model and for --max-sequences requests of 512 tokens, on a GPU 4096; at"
              + " most half of the free memory, on a GPU a quarter).")
  private ByteCount kvMemory;

  @Option(
      names = "--chunk-memory",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description =
          "Memory for stored chunks, for example 512m (default: 4g, at most a quarter of the"
              + " memory; on a GPU half of the memory that weights and KV leave).")
  private ByteCount chunkMemory;

  @Option(
      names = "--host-memory",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description =
          "Memory of the host for stored chunks that the device has no room for, for example 64g;"
              + " page-locked on a GPU (default: none, with --disk or --store 1g).")
  private ByteCount hostMemory;

  @Option(
      names = "--disk",
      paramLabel = "DIR",
      description =
          "Folder for stored chunks, one file each. Workers of the same model can share it, and"
              + " find its chunks after a restart (default: none).")
  private Path disk;

  @Option(
      names = "--disk-size",
      paramLabel = "SIZE",
      converter = ByteCount.Converter.class,
      description = "Limit of the chunks of this model in --disk, for example 200g.")
  private ByteCount diskSize;

  @Mixin private StoreArguments store;

  @Option(
      names = "--tier-write",
      defaultValue = "through",
      paramLabel = "through|back",
      description =
          "Copy chunks to the tiers below the device when they are computed (through), or when the"
              + " device evicts them (back) (default: ${DEFAULT-VALUE}).")
  private String tierWrite;

  @Option(
      names = "--tier-kv",
      defaultValue = "native",
      paramLabel = "native|fp8|int8",
      description =
          "Number format of chunks in the tiers below the device. fp8 and int8 have 8 bits per"
              + " number and a scale per row and head; chunks that are loaded from them have"
              + " rounded KV (default: ${DEFAULT-VALUE}).")
  private String tierKv;

  @Option(
      names = "--tier-policy",
      defaultValue = "load",
      paramLabel = "load|auto",
      description =
          "Load every stored chunk (load), or compute the rows of chunks again where this is"
              + " predicted to be faster (auto) (default: ${DEFAULT-VALUE}).")
  private String tierPolicy;

  @Option(
      names = "--queue",
      defaultValue = "64",
      paramLabel = "N",
      description =
          "Requests that can wait; further requests are refused (default: ${DEFAULT-VALUE}).")
  private int queue;

  @Option(
      names = "--max-sequences",
      paramLabel = "N",
      defaultValue = "32",
      description =
          "Requests that run at once; their rows share the steps of the model (default:"
              + " ${DEFAULT-VALUE}).")
  private int maxSequences;

  @Option(
      names = "--step-rows",
      paramLabel = "N",
      description =
          "Rows of a step, while several requests run: one for each that decodes, the rest for"
              + " prefills, which are divided (default: 256, on a GPU 1536). More rows increase"
              + " throughput, and the time between two tokens of other requests.")
  private Integer stepRows;

  @Option(
      names = "--check-layers",
      split = ",",
      paramLabel = "LAYER",
      description =
          "Layers that can compare fresh and cached KV, ascending (default: those of the exported"
              + " model).")
  private List<Integer> checkLayers = List.of();

  @Option(
      names = "--verify",
      defaultValue = "full",
      converter = VerifyModeConverter.class,
      paramLabel = "full|sample|off",
      description =
          "Weights that are compared with their checksums before the worker is ready: all, a"
              + " sample, or none (default: ${DEFAULT-VALUE}).")
  private VerifyMode verify;

  @Option(
      names = "--drain-seconds",
      defaultValue = "10",
      paramLabel = "SECONDS",
      description = "Time to wait for running requests at shutdown (default: ${DEFAULT-VALUE}).")
  private int drainSeconds;

  @Option(
      names = "--exit-with-parent",
      description =
          "Shut down when standard input ends, as it does when the process that holds its other end"
              + " exits. Set for local workers of a run.")
  private boolean exitWithParent;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "Serve TLS with this certificate chain (PEM). Files of this and the following options are"
              + " reloaded when they change.")
  private Path tlsCertificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Private key of the certificate (PEM, PKCS#8).")
  private Path tlsKey;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "Accept only clients with a certificate of one of these authorities (PEM).")
  private Path tlsClientAuthority;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description =
          "Accept only calls with one of these bearer tokens, one per line. Health checks need"
              + " none.")
  private Path tokenFile;

  @Option(
      names = "--reflection",
      negatable = true,
      description =
          "Serve gRPC reflection (default: yes, but not with --token-file). It requires the token,"
              + " too.")
  private Boolean reflection;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    WorkerOptions options = options();
    warnOfOpenAddress(options);
    CompletableFuture<Void> termination = new CompletableFuture<>();
    ParentWatch parent = new ParentWatch(System.in, options.drain());
    if (exitWithParent) {
      parent.start();
    }
    Consumer<String> progress = line -> startLine(LogEscape.escape(line));
    ModelLocator locator = ModelLocator.of(UserDirectories.ofProcess(), progress);
    WorkerProcess worker =
        WorkerProcess.start(
            options, locator.locate(options.model()), progress, device -> device.describe(options));
    try {
      TerminationSignals.onFirst(() -> termination.complete(null));
      parent.onEnd(() -> termination.complete(null));
      spec.commandLine().getOut().println("ready " + worker.address());
      spec.commandLine().getOut().flush();
      CompletableFuture.anyOf(termination, worker.deviceLoss()).join();
    } finally {
      worker.shutDown();
    }
    return worker.deviceLoss().isDone() ? failed(worker.deviceLoss().join()) : ExitCode.OK;
  }

  /** The orchestrator shows lines with this prefix of a worker that it starts. */
  private void startLine(String line) {
    spec.commandLine().getErr().println("start: " + line);
    spec.commandLine().getErr().flush();
  }

  private void warnOfOpenAddress(WorkerOptions options) {
    try {
      options.security().requireConfidential(options.address());
      options.security().warning(options.address()).ifPresent(this::errorLine);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private int failed(WorkerException deviceLoss) {
    errorLine(LogEscape.escape(deviceLoss.getMessage()));
    return ExitCode.SOFTWARE;
  }

  private void errorLine(String message) {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": " + message);
  }

  private static OptionalLong bytes(ByteCount option) {
    return option == null ? OptionalLong.empty() : OptionalLong.of(option.bytes());
  }

  private int defaultStepRows() {
    return DeviceName.parse(device).isCuda() ? CUDA_STEP_ROWS : CPU_STEP_ROWS;
  }

  private WorkerOptions options() {
    try {
      return new WorkerOptions(
          model,
          DeviceName.parse(device),
          host,
          port,
          threads == null ? Runtime.getRuntime().availableProcessors() : threads,
          new MemoryPlan.Requested(bytes(kvMemory), bytes(chunkMemory)),
          TierOptions.of(
              hostMemory, disk, diskSize, store.options(), tierWrite, tierKv, tierPolicy),
          queue,
          new BatchLimits(maxSequences, stepRows == null ? defaultStepRows() : stepRows),
          checkLayers,
          verify,
          Duration.ofSeconds(drainSeconds),
          SecurityOptions.of(tlsCertificate, tlsKey, tlsClientAuthority, tokenFile, reflection),
          LaunchOptions.of(spec.commandLine().getParseResult()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
