package ai.cacheblend.worker.cli;

import ai.cacheblend.host.HostMeter;
import ai.cacheblend.transport.BusyPoll;
import ai.cacheblend.transport.IoThreads;
import ai.cacheblend.worker.access.Access;
import ai.cacheblend.worker.chunks.ChunkTiers;
import ai.cacheblend.worker.engine.Engine;
import ai.cacheblend.worker.engine.WarmUp;
import ai.cacheblend.worker.engine.WorkerException;
import ai.cacheblend.worker.export.lowering.GraphBuilder;
import ai.cacheblend.worker.grpc.ConnectionLimits;
import ai.cacheblend.worker.grpc.ServerAccess;
import ai.cacheblend.worker.grpc.WorkerDescription;
import ai.cacheblend.worker.grpc.WorkerServer;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.NativeKvPool;
import ai.cacheblend.worker.kv.NativeLibrary;
import ai.cacheblend.worker.model.ChatFormat;
import ai.cacheblend.worker.model.ComputeDevice;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.ModelProfile;
import ai.cacheblend.worker.model.ModelSession;
import ai.cacheblend.worker.model.Tokenizer;
import ai.cacheblend.worker.model.WeightsVerification;
import com.google.common.base.Ticker;
import com.google.common.io.Closer;
import com.google.common.math.LongMath;
import com.google.common.net.HostAndPort;
import java.io.IOException;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The parts of a worker, closed in the reverse order of their creation. */
final class WorkerProcess {
  /** Enough to read at the rate of an NVMe disk; the other processors load the model meanwhile. */
  private static final int VERIFICATION_THREADS = 4;

  /**
   * gRPC logs a warning with a stack trace for each caller that disconnects; the request log has
   * that already. A strong reference, because a logger without one loses its level.
   */
  private static final Logger GRPC_LOGGER = Logger.getLogger("io.grpc");

  static {
    GRPC_LOGGER.setLevel(Level.SEVERE);
  }

  /** Each busy-polling thread occupies a processor, and two serve dozens of streams. */
  private static final int BUSY_POLL_THREADS = 2;

  private final WorkerServer server;
  private final Engine engine;
  private final String host;
  private final Duration drain;
  private final Closer parts;

  private WorkerProcess(
      WorkerServer server, Engine engine, String host, Duration drain, Closer parts) {
    this.server = server;
    this.engine = engine;
    this.host = host;
    this.drain = drain;
    this.parts = parts;
  }

  static WorkerProcess start(WorkerOptions options, ModelLocator.Located model) throws IOException {
    return start(options, model, line -> {}, device -> device.describe(options));
  }

  /**
   * Starts a worker.
   *
   * @param progress receives one line at the begin of each step that can take long
   */
  static WorkerProcess start(
      WorkerOptions options,
      ModelLocator.Located model,
      Consumer<String> progress,
      Function<WorkerDevice, WorkerDescription.Device> describeDevice)
      throws IOException {
    Closer parts = Closer.create();
    try {
      Access access = Access.load(options.security().tls(), options.security().tokenFile());
      parts.register(access::close);
      ModelManifest manifest = ModelManifest.read(model.folder());
      WeightsVerification verification =
          WeightsVerification.start(
              model.folder(), manifest, options.verify(), VERIFICATION_THREADS);
      parts.register(verification::close);
      List<Integer> checkLayers =
          options.checkLayers().isEmpty() ? manifest.checkLayers() : options.checkLayers();
      ModelManifest.checkCheckLayers(checkLayers, manifest.config().layerCount());
      ModelProfile profile = profile(manifest, checkLayers);
      Tokenizer tokenizer = Tokenizer.load(model.folder());
      parts.register(tokenizer::close);
      WorkerDevice device = WorkerDevice.choose(options, manifest, model.folder());
      progress.accept(
          "loading %s, %d MiB, on %s"
              .formatted(
                  manifest.name(),
                  Files.size(model.folder().resolve(ModelManifest.WEIGHTS_FILE)) >> 20,
                  options.device().isCuda() ? "the GPU" : "the CPU"));
      ModelSession session = openSession(device.compute(), model.folder(), manifest, checkLayers);
      parts.register(session::close);

      KvShape shape = WorkerDevice.shape(manifest);
      KvPool pool =
          NativeKvPool.create(
              device.kv(),
              shape,
              LongMath.divide(
                  device.memory().kvTokenCount(),
                  NativeKvPool.BLOCK_TOKEN_COUNT,
                  RoundingMode.CEILING));
      parts.register(pool::close);
      if (options.tiers().hostByteCount() > 0) {
        progress.accept(
            "allocating %d MiB of host memory".formatted(options.tiers().hostByteCount() >> 20));
      }
      ChunkTiers tiers =
          TierSetup.open(options.tiers(), device, pool, shape, profile.fingerprint());
      parts.register(tiers::close);
      progress.accept("warming up");
      WarmUp.run(profile, session, tokenizer, pool);
      verification.await();

      Duration busyPoll =
          BusyPoll.duration(options.device().isCuda(), Runtime.getRuntime().availableProcessors());
      IoThreads ioThreads =
          new IoThreads(
              busyPoll.isZero() ? IoThreads.DEFAULT_COUNT : BUSY_POLL_THREADS, "transport");
      ioThreads.setBusyPollDuration(busyPoll);
      parts.register(ioThreads::close);
      WorkerDescription description =
          new WorkerDescription(
              describe(
                  model.folder(),
                  manifest,
                  profile,
                  NativeKvPool.bytesPerToken(device.kv(), shape)),
              describeDevice.apply(device),
              versions(),
              new WorkerDescription.Launch(options.launchOptions(), LaunchOptions.jvmArguments()),
              HostMeter.system());
      Engine engine =
          new Engine(
              profile,
              session,
              () -> device.kv().memory(),
              tokenizer,
              pool,
              tiers,
              options.tiers().loadPolicy(),
              options.queueCapacity(),
              options.limits(),
              busyPoll,
              Ticker.systemTicker());
      parts.register(engine::close);
      WorkerServer server =
          new WorkerServer(
              ConnectionLimits.apply(
                  ioThreads.server(options.address(), access.serverCredentials())),
              engine,
              description,
              new ServerAccess(access.tokens(), options.security().servesReflection()));
      try {
        server.start();
      } catch (IOException e) {
        throw new IOException(
            String.format(
                "cannot listen on %s (%s); choose another --port, or 0 for a free one",
                HostAndPort.fromParts(options.host(), options.port()), rootMessage(e)),
            e);
      }
      return new WorkerProcess(server, engine, options.host(), options.drain(), parts);
    } catch (Throwable failure) {
      try {
        throw parts.rethrow(failure);
      } finally {
        parts.close();
      }
    }
  }

  String address() {
    return HostAndPort.fromParts(host, server.port()).toString();
  }

  /** Completes if the device has failed; the process must end. */
  CompletableFuture<WorkerException> deviceLoss() {
    return engine.deviceLoss();
  }

  void shutDown() throws IOException, InterruptedException {
    try {
      server.shutDown(drain);
    } finally {
      parts.close();
    }
  }

  /**
   * Builds the graph from the manifest instead of reading {@code model.onnx}: the ops of this
   * library fit it, whatever version exported the folder, and the check layers can be others.
   */
  private static ModelSession openSession(
      ComputeDevice device, Path folder, ModelManifest manifest, List<Integer> checkLayers) {
    byte[] graph = GraphBuilder.build(manifest, checkLayers).toByteArray();
    return ModelSession.open(graph, folder, NativeLibrary.path(), device);
  }

  private static ModelProfile profile(ModelManifest manifest, List<Integer> checkLayers) {
    return new ModelProfile(
        manifest.fingerprint(),
        manifest.dtypes().compute().id(),
        manifest.config().vocabulary().size(),
        manifest.config().maxPositionCount(),
        manifest.config().layerCount(),
        checkLayers,
        manifest.bosTokenId(),
        Set.copyOf(manifest.eosTokenIds()));
  }

  private static WorkerDescription.Model describe(
      Path folder, ModelManifest manifest, ModelProfile profile, long kvBytesPerToken) {
    ModelConfig config = manifest.config();
    return new WorkerDescription.Model(
        manifest.name(),
        config.architecture(),
        profile,
        config.layerCount(),
        config.hiddenSize(),
        config.feedForward().size(),
        config.attention().queryHeadCount(),
        config.attention().kvHeadCount(),
        config.attention().headSize(),
        manifest.slidingWindowTokens().orElse(0),
        manifest.tokenizerSha256().orElse(""),
        kvBytesPerToken,
        manifest.revision().orElse(""),
        folder.toAbsolutePath().normalize().toString(),
        ChatFormat.read(folder));
  }

  private static WorkerDescription.Versions versions() {
    return new WorkerDescription.Versions(
        WorkerDescription.Versions.build(),
        NativeLibrary.sha256(),
        NativeLibrary.hasCudaKernels(),
        ModelSession.runtimeVersion(),
        System.getProperty("java.version"));
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }
}
