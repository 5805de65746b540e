package ai.cacheblend.worker.grpc;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.model.ModelProfile;

/** What of the worker never changes while it runs. */
public record WorkerDescription(Model model, Device device, Versions versions) {
  /** The model, beyond what requests are held against. */
  public record Model(
      String name,
      String architecture,
      ModelProfile profile,
      int layerCount,
      int hiddenSize,
      int queryHeadCount,
      int kvHeadCount,
      int headSize,
      int slidingWindowTokens,
      String tokenizerSha256,
      long kvBytesPerToken) {}

  /** The device it runs on. */
  public record Device(String kind, String name, int threadCount, String instructionSet) {}

  /** Of the parts a result depends on. */
  public record Versions(String worker, String onnxruntime, String java) {}

  public WorkerDescription {
    requireNonNull(model, "model is null");
    requireNonNull(device, "device is null");
    requireNonNull(versions, "versions is null");
  }
}
