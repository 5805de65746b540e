package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkState;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The exported graph on ONNX Runtime. Used by one thread at a time. */
public final class ModelSession implements ModelRunner {
  private static final String LOGITS = "logits";
  private static final String NEXT_TOKEN_IDS = "next_token_ids";
  private static final String ACTIVE_POSITIONS = "active_positions";
  private static final String ACTIVE_ROW_OFFSETS = "active_row_offsets";
  private static final String SCORED_POSITIONS = "scored_positions_";
  private static final String SCORES = "scores_";

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final LongInput tokenIds = new LongInput();
  private final LongInput positions = new LongInput();
  private final LongInput rowOffsets = new LongInput();
  private final LongInput sequences = new LongInput();
  private final LongInput keepCounts = new LongInput();
  private final LongInput deviation = new LongInput();
  private final LongInput lastRowOffsets = new LongInput();
  private boolean closed;

  /** Of the step that runs now; null between steps. */
  @GuardedBy("this")
  private OrtSession.RunOptions running;

  private ModelSession(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  /** Loads a graph file, whose weights lie beside it. */
  public static ModelSession open(Path graph, Path customOps, ComputeDevice device) {
    OrtEnvironment environment = environment();
    try (SessionOptions options = options(customOps, device)) {
      return new ModelSession(environment, environment.createSession(graph.toString(), options));
    } catch (OrtException e) {
      throw new ModelFailureException(graph + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  /** Loads a graph from memory, whose weights lie in a folder. */
  public static ModelSession open(
      byte[] graph, Path weightFolder, Path customOps, ComputeDevice device) {
    OrtEnvironment environment = environment();
    try (SessionOptions options = options(customOps, device)) {
      options.addConfigEntry(
          "session.model_external_initializers_file_folder_path", weightFolder.toString());
      return new ModelSession(environment, environment.createSession(graph, options));
    } catch (OrtException e) {
      throw new ModelFailureException(
          "the graph over the weights in " + weightFolder + " cannot be loaded: " + e.getMessage(),
          e);
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
    // Every prompt has its own shapes: a remembered memory layout would never fit.
    options.setMemoryPatternOptimization(false);
    return options;
  }

  private static void addCuda(SessionOptions options, ComputeDevice.Cuda cuda) throws OrtException {
    try (OrtCUDAProviderOptions provider = new OrtCUDAProviderOptions(cuda.ordinal())) {
      provider.add("gpu_mem_limit", Long.toString(cuda.arenaByteCount()));
      // fp32 on a GPU is for checking, so it is fp32.
      provider.add("use_tf32", "0");
      options.addCUDA(provider);
    }
    // The processor only launches; weights stay out of the arena, which is for activations.
    options.setIntraOpNumThreads(1);
    options.addConfigEntry("session.use_device_allocator_for_initializers", "1");
  }

  @Override
  public StepOutput run(StepInput input) {
    checkState(!closed, "the session is closed");
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try {
      fill(inputs, input);
      try (OrtSession.RunOptions options = begin();
          OrtSession.Result result = session.run(inputs, wantedOutputs(input), options)) {
        return read(result, input);
      } finally {
        end();
      }
    } catch (OrtException e) {
      throw failure(e);
    } finally {
      Set.copyOf(inputs.values()).forEach(OnnxTensor::close);
    }
  }

  /** ONNX Runtime tells a lack of memory from other failures by its message alone. */
  private static RuntimeException failure(OrtException e) {
    String message = "ONNX Runtime failed: " + e.getMessage();
    return e.getMessage().contains("Failed to allocate memory")
            || e.getMessage().contains("Available memory of")
            || e.getMessage().contains("out of memory")
        ? new DeviceMemoryException(message, e)
        : new ModelFailureException(message, e);
  }

  private synchronized OrtSession.RunOptions begin() throws OrtException {
    running = new OrtSession.RunOptions();
    return running;
  }

  private synchronized void end() {
    running = null;
  }

  /** ONNX Runtime looks at the flag between two nodes of the graph. */
  @Override
  public synchronized void interrupt() {
    if (running == null) {
      return;
    }
    try {
      running.setTerminate(true);
    } catch (OrtException e) {
      throw new ModelFailureException("a step cannot be interrupted: " + e.getMessage(), e);
    }
  }

  private void fill(Map<String, OnnxTensor> inputs, StepInput input) throws OrtException {
    int rowCount = input.tokenIds().length();
    int checkCount = input.keepCounts().length();
    inputs.put("token_ids", tokenIds.tensor(environment, input.tokenIds(), rowCount));
    inputs.put("positions", positions.tensor(environment, input.positions(), rowCount));
    inputs.put("row_offsets", rowOffsets.vector(environment, 0, rowCount));
    inputs.put("step_positions", inputs.get("positions"));
    inputs.put("step_row_offsets", inputs.get("row_offsets"));
    inputs.put("sequences", sequences.vector(environment, input.sequence()));
    inputs.put("keep_counts", keepCounts.tensor(environment, input.keepCounts(), checkCount, 1));
    inputs.put("deviation", deviation.vector(environment, input.compareKeys() ? 1 : 0));
    inputs.put("last_row_offsets", lastRowOffsets.vector(environment, 0, 1));
  }

  private static Set<String> wantedOutputs(StepInput input) {
    Set<String> names = new LinkedHashSet<>();
    names.add(NEXT_TOKEN_IDS);
    if (input.wantsLogits()) {
      names.add(LOGITS);
    }
    if (input.activeRows() != ActiveRows.NOTHING) {
      names.add(ACTIVE_ROW_OFFSETS);
    }
    if (input.activeRows() == ActiveRows.POSITIONS) {
      names.add(ACTIVE_POSITIONS);
    }
    for (int layer : input.scoredLayers()) {
      names.add(SCORED_POSITIONS + layer);
      names.add(SCORES + layer);
    }
    return names;
  }

  private static StepOutput read(OrtSession.Result result, StepInput input) throws OrtException {
    List<LayerScores> layerScores = new ArrayList<>();
    for (int layer : input.scoredLayers()) {
      layerScores.add(layerScores(result, layer));
    }
    return new StepOutput(
        (int) longs(result, NEXT_TOKEN_IDS).get(0),
        input.wantsLogits() ? Optional.of(Logits.of(floats(result, LOGITS))) : Optional.empty(),
        input.activeRows() == ActiveRows.NOTHING
            ? OptionalInt.empty()
            : OptionalInt.of((int) longs(result, ACTIVE_ROW_OFFSETS).get(1)),
        input.activeRows() == ActiveRows.POSITIONS
            ? ints(longs(result, ACTIVE_POSITIONS))
            : ImmutableIntArray.of(),
        layerScores);
  }

  /** The graph gives −1 to forced rows; they have no score. */
  private static LayerScores layerScores(OrtSession.Result result, int layer) throws OrtException {
    LongBuffer positions = longs(result, SCORED_POSITIONS + layer);
    float[] scores = floats(result, SCORES + layer);
    ImmutableIntArray.Builder scoredPositions = ImmutableIntArray.builder();
    ImmutableDoubleArray.Builder values = ImmutableDoubleArray.builder();
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= 0) {
        scoredPositions.add((int) positions.get(i));
        values.add(scores[i]);
      }
    }
    return new LayerScores(layer, scoredPositions.build(), values.build());
  }

  private static LongBuffer longs(OrtSession.Result result, String name) {
    return tensor(result, name).getLongBuffer();
  }

  private static float[] floats(OrtSession.Result result, String name) {
    FloatBuffer buffer = tensor(result, name).getFloatBuffer();
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private static OnnxTensor tensor(OrtSession.Result result, String name) {
    return (OnnxTensor)
        result
            .get(name)
            .orElseThrow(() -> new ModelFailureException("the graph has no output " + name));
  }

  private static ImmutableIntArray ints(LongBuffer values) {
    ImmutableIntArray.Builder ints = ImmutableIntArray.builder(values.remaining());
    while (values.hasRemaining()) {
      ints.add((int) values.get());
    }
    return ints.build();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      session.close();
    } catch (OrtException e) {
      throw new ModelFailureException("the session cannot be closed: " + e.getMessage(), e);
    }
  }
}
