package ai.cacheblend.orchestrator.client;

import java.util.List;
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

  /** What it runs on. */
  public record Device(String kind, String name, int threadCount, String instructionSet) {}

  /**
   * What it can take.
   *
   * @param maxSequenceTokenCount prompt and new tokens of one request together
   */
  public record Limits(int maxSequenceTokenCount, int queueCapacity) {}

  /** Versions of what it is made of. */
  public record Versions(String worker, String onnxruntime, String java) {}
}
