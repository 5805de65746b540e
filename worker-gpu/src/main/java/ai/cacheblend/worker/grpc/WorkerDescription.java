package ai.cacheblend.worker.grpc;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.model.ModelProfile;
import java.util.Optional;

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

  /**
   * The device it runs on.
   *
   * @param gpu asked for its figures at each call; empty on a CPU
   */
  public record Device(
      String kind, String name, int threadCount, String instructionSet, Optional<Gpu> gpu) {
    public static Device cpu(String name, int threadCount, String instructionSet) {
      return new Device("cpu", name, threadCount, instructionSet, Optional.empty());
    }

    public static Device cuda(Gpu gpu) {
      return new Device("cuda", gpu.identity().name(), 0, "", Optional.of(gpu));
    }
  }

  /** Of the parts a result depends on. */
  public record Versions(String worker, String onnxruntime, String java) {}

  public WorkerDescription {
    requireNonNull(model, "model is null");
    requireNonNull(device, "device is null");
    requireNonNull(versions, "versions is null");
  }
}
