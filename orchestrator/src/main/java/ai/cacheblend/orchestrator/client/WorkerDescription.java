package ai.cacheblend.orchestrator.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a worker said about itself.
 *
 * @param instanceId drawn at random when it started; empty if it did not say
 */
public record WorkerDescription(
    Model model, Device device, Limits limits, Versions versions, String instanceId) {

  /** The model it serves. */
  public record Model(
      String name,
      String architecture,
      String fingerprint,
      String dtype,
      int layerCount,
      int hiddenSize,
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
      long kvBytesPerToken) {
    public Model {
      checkLayers = List.copyOf(checkLayers);
      eosTokenIds = List.copyOf(eosTokenIds);
    }
  }

  /**
   * What it runs on.
   *
   * @param facts whatever else the worker says of its device, under the names of the contract
   */
  public record Device(
      String kind, String name, int threadCount, String instructionSet, Map<String, Object> facts) {
    public Device {
      facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** How it was doing when this was said. */
    public DeviceState state() {
      Map<String, Object> figures = new LinkedHashMap<>();
      if (facts.get("statistics") instanceof Map<?, ?> reported) {
        reported.forEach((name, value) -> figures.put(name.toString(), value));
      }
      return figures.get("clocks_event_reasons") instanceof List<?> reasons
          ? new DeviceState(
              reasons.stream().map(Object::toString).filter(Device::slowsDown).toList(), figures)
          : new DeviceState(List.of(), figures);
    }

    private static boolean slowsDown(String reason) {
      return reason.contains("slowdown") || reason.contains("thermal") || reason.contains("power");
    }

    /** Tells this device from others of its name, where it has a UUID. */
    public String label() {
      return facts.getOrDefault("uuid", name).toString();
    }
  }

  /**
   * What it can take.
   *
   * @param maxSequenceTokenCount prompt and new tokens of one request together
   */
  public record Limits(int maxSequenceTokenCount, int queueCapacity) {}

  /** Versions of what it is made of. */
  public record Versions(String worker, String onnxruntime, String java) {}
}
