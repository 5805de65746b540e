package ai.cacheblend.orchestrator.client;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostReading;
import ai.cacheblend.orchestrator.plan.Tier;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The description that a worker reports.
 *
 * @param steps steps since it started; none if they are not reported
 * @param host load of its host when it was described; empty if it is not reported
 * @param instanceId random identifier of the worker process; empty if it is not reported
 */
public record WorkerDescription(
    Model model,
    Device device,
    Limits limits,
    Memory memory,
    Versions versions,
    Launch launch,
    StepCounts steps,
    Optional<HostReading> host,
    String instanceId) {

  /**
   * The model it serves.
   *
   * @param intermediateSize width of the feed-forward network; 0 if it is not reported
   * @param revision commit of the checkpoint in the Hugging Face cache; empty if it was not there
   * @param directory on the worker's host that the model was read from
   */
  public record Model(
      String name,
      String architecture,
      String fingerprint,
      String dtype,
      int layerCount,
      int hiddenSize,
      int intermediateSize,
      int queryHeadCount,
      int kvHeadCount,
      int headSize,
      int vocabularySize,
      int maxPositionCount,
      int slidingWindowTokens,
      List<Integer> checkLayers,
      OptionalInt bosTokenId,
      List<Integer> eosTokenIds,
      String tokenizerSha256,
      long kvBytesPerToken,
      String revision,
      String directory,
      ChatFormat chat) {
    public Model {
      checkLayers = List.copyOf(checkLayers);
      eosTokenIds = List.copyOf(eosTokenIds);
    }
  }

  /**
   * The chat template of its checkpoint.
   *
   * @param template Jinja; empty if it has none
   * @param specialTokens texts by name, for example {@code bos_token}
   */
  public record ChatFormat(String template, Map<String, String> specialTokens) {
    public static final ChatFormat NONE = new ChatFormat("", Map.of());

    public ChatFormat {
      specialTokens = Map.copyOf(specialTokens);
    }
  }

  /**
   * The device it runs on.
   *
   * @param facts all other fields, by their names in the contract
   */
  public record Device(
      String kind, String name, int threadCount, String instructionSet, Map<String, Object> facts) {
    public Device {
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** The state at the time of the description. */
    public DeviceState state() {
      Map<String, Object> statistics = new LinkedHashMap<>();
      if (facts.get("statistics") instanceof Map<?, ?> reported) {
        reported.forEach((name, value) -> statistics.put(name.toString(), value));
      }
      return statistics.get("clocks_event_reasons") instanceof List<?> reasons
          ? new DeviceState(
              reasons.stream().map(Object::toString).filter(Device::slowsDown).toList(), statistics)
          : new DeviceState(List.of(), statistics);
    }

    private static boolean slowsDown(String reason) {
      return reason.contains("slowdown") || reason.contains("thermal") || reason.contains("power");
    }

    /** UUID of the device, or its name. */
    public String label() {
      return facts.getOrDefault("uuid", name).toString();
    }
  }

  /**
   * Limits of requests.
   *
   * @param maxSequenceTokenCount prompt and new tokens of one request together
   */
  public record Limits(int maxSequenceTokenCount, int queueCapacity) {}

  /**
   * Its memory for KV.
   *
   * @param blockTokenCount tokens of a block of the KV pool
   * @param kvByteCount KV pool: running requests, and the prompts that {@code prefix_caching} keeps
   * @param chunkByteCount the most that stored chunks take on the device
   * @param tiers that keep chunks below the device
   * @param tierKv number format of chunks there: {@code native}, {@code fp8} or {@code int8}; empty
   *     without tiers
   */
  public record Memory(
      int blockTokenCount, long kvByteCount, long chunkByteCount, Set<Tier> tiers, String tierKv) {
    public Memory {
      tiers = Set.copyOf(tiers);
    }

    /** Whether the KV of a chunk changes on its way through a tier. */
    public boolean tiersRound() {
      return !tierKv.isEmpty() && !tierKv.equals("native");
    }
  }

  /**
   * Its software.
   *
   * @param nativeLibrarySha256 hexadecimal; empty if it is not reported
   * @param hasCudaKernels whether the native library contains the CUDA kernels
   */
  public record Versions(
      Build worker,
      String nativeLibrarySha256,
      boolean hasCudaKernels,
      String onnxruntime,
      String java) {}

  /**
   * How it was started.
   *
   * @param options that were given, each with its value
   */
  public record Launch(List<String> options, List<String> jvmArguments) {
    public Launch {
      options = List.copyOf(options);
      jvmArguments = List.copyOf(jvmArguments);
    }
  }
}
