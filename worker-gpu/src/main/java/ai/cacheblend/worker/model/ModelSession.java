package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkState;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** The exported graph on ONNX Runtime. One thread at a time runs steps. */
public final class ModelSession implements ModelRunner {
  private final OrtSession session;
  private final GraphInputs inputs;
  private final StepTokens tokens;
  private final boolean onDevice;
  private final OrtSession.RunOptions runOptions = new OrtSession.RunOptions();

  /** For steps that fetch nothing from the device: the host does not wait for it. */
  private final OrtSession.RunOptions launchOptions = new OrtSession.RunOptions();

  private boolean closed;

  @GuardedBy("this")
  private boolean running;

  @GuardedBy("this")
  private boolean interrupted;

  private ModelSession(OrtEnvironment environment, OrtSession session, ComputeDevice device)
      throws OrtException {
    this.session = session;
    this.inputs = new GraphInputs(environment, layerCount(session));
    this.onDevice = device instanceof ComputeDevice.Cuda;
    this.tokens =
        new StepTokens(
            device instanceof ComputeDevice.Cuda cuda
                ? OptionalInt.of(cuda.ordinal())
                : OptionalInt.empty());
    launchOptions.addRunConfigEntry("disable_synchronize_execution_providers", "1");
  }

  private static int layerCount(OrtSession session) throws OrtException {
    NodeInfo input = session.getInputInfo().get(GraphContract.PROBE_LAYERS);
    if (input == null) {
      throw new ModelFailureException(
          "the graph has no input "
              + GraphContract.PROBE_LAYERS
              + ": an earlier version exported it; export the checkpoint again");
    }
    return (int) ((TensorInfo) input.getInfo()).getShape()[0];
  }

  /** Loads a graph file; its weights are in the same directory. */
  public static ModelSession open(Path graph, Path customOps, ComputeDevice device) {
    OrtEnvironment environment = environment();
    try (SessionOptions options = options(customOps, device)) {
      return create(environment, environment.createSession(graph.toString(), options), device);
    } catch (OrtException e) {
      throw new ModelFailureException(graph + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  /** Loads a graph from memory; its weights are in {@code weightFolder}. */
  public static ModelSession open(
      byte[] graph, Path weightFolder, Path customOps, ComputeDevice device) {
    OrtEnvironment environment = environment();
    try (SessionOptions options = options(customOps, device)) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", weightFolder.toString());
      return create(environment, environment.createSession(graph, options), device);
    } catch (OrtException e) {
      throw new ModelFailureException(
          "the graph over the weights in " + weightFolder + " cannot be loaded: " + e.getMessage(),
          e);
    }
  }

  private static ModelSession create(
      OrtEnvironment environment, OrtSession session, ComputeDevice device) throws OrtException {
    try {
      return new ModelSession(environment, session, device);
    } catch (OrtException | RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Version of ONNX Runtime. */
  public static String runtimeVersion() {
    return environment().getVersion();
  }

  private static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "cacheblend");
  }

  private static SessionOptions options(Path customOps, ComputeDevice device) throws OrtException {
    SessionOptions options = new SessionOptions();
    if (device instanceof ComputeDevice.Cuda cuda) {
      addCuda(options, cuda);
    } else if (device instanceof ComputeDevice.Cpu cpu) {
      options.setIntraOpNumThreads(cpu.threadCount());
    }
    options.registerCustomOpLibrary(customOps.toString());
    options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
    options.setInterOpNumThreads(1);
    // The row count differs from step to step, so a recorded memory pattern would not match.
    options.setMemoryPatternOptimization(false);
    return options;
  }

  private static void addCuda(SessionOptions options, ComputeDevice.Cuda cuda) throws OrtException {
    try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(cuda.ordinal())) {
      provider.add("gpu_mem_limit", Long.toString(cuda.arenaByteCount()));
      // fp32 models serve as reference on GPUs; TF32 would reduce their precision.
      provider.add("use_tf32", "0");
      options.addCUDA(provider);
    }
    // The CPU only launches kernels. The arena limit covers activations, not weights.
    options.setIntraOpNumThreads(1);
    options.addConfigEntry("session.use_device_allocator_for_initializers", "1");
  }

  @Override
  public List<SequenceResult> run(Step step) {
    return launch(step).await();
  }

  @Override
  public boolean launchesAhead() {
    return onDevice;
  }

  @Override
  public RunningStep launch(Step step) {
    checkState(!closed, "the session is closed");
    // The GPU is idle meanwhile, and most steps have no probes.
    if (step.inGraphOrder()) {
      return launchInOrder(step);
    }
    ImmutableIntArray order = step.graphOrder();
    return new ReorderedStep(
        launchInOrder(new Step(order.stream().mapToObj(s -> step.sequences().get(s)).toList())),
        order);
  }

  private RunningStep launchInOrder(Step step) {
    Set<String> requested = GraphOutputs.requested(step);
    begin();
    try (OrtSession.Result result =
        session.run(
            inputs.of(step, tokens.links(step)),
            requested,
            requested == GraphOutputs.NONE_REQUESTED ? launchOptions : runOptions)) {
      List<SequenceResult> results = GraphOutputs.read(result, step);
      return step.isProbe()
          ? RunningStep.ended(results)
          : new TokenStep(results, tokens.launched(step));
    } catch (OrtException e) {
      throw RuntimeFailures.of(e);
    } finally {
      end();
    }
  }

  /** The flag of an interrupted step remains set until it is cleared. */
  private synchronized void begin() {
    if (interrupted) {
      setTerminate(false);
    }
    interrupted = false;
    running = true;
  }

  private synchronized void end() {
    running = false;
  }

  /** ONNX Runtime reads the flag between two nodes of the graph. */
  @Override
  public synchronized void interrupt() {
    if (running) {
      interrupted = true;
      setTerminate(true);
    }
  }

  private void setTerminate(boolean terminate) {
    try {
      runOptions.setTerminate(terminate);
      launchOptions.setTerminate(terminate);
    } catch (OrtException e) {
      throw new ModelFailureException("a step cannot be interrupted: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    inputs.close();
    tokens.close();
    runOptions.close();
    launchOptions.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new ModelFailureException("the session cannot be closed: " + e.getMessage(), e);
    }
  }
}
