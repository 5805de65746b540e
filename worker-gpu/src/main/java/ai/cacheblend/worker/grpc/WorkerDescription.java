package ai.cacheblend.worker.grpc;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.model.ModelProfile;
import java.util.Optional;

/** Constant properties of a running worker. */
public record WorkerDescription(Model model, Device device, Versions versions) {
  /** The model; {@code profile} has the limits that requests are validated against. */
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
   * The device of the worker.
   *
   * @param gpu sampled at each Describe call; empty for the CPU
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

  /** Versions of the software that results depend on. */
  public record Versions(String worker, String onnxruntime, String java) {}

  public WorkerDescription {
    requireNonNull(model, "model is null");
    requireNonNull(device, "device is null");
    requireNonNull(versions, "versions is null");
  }
}
