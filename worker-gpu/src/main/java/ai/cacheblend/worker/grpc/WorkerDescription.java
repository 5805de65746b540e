package ai.cacheblend.worker.grpc;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.host.Build;
import ai.cacheblend.host.HostMeter;
import ai.cacheblend.proto.v1.WorkerGrpc;
import ai.cacheblend.transport.IoThreads;
import ai.cacheblend.worker.device.Gpu;
import ai.cacheblend.worker.model.ChatFormat;
import ai.cacheblend.worker.model.ModelProfile;
import java.util.List;
import java.util.Optional;

/**
 * Properties of a running worker.
 *
 * @param host sampled at each Describe call
 */
public record WorkerDescription(
    Model model, Device device, Versions versions, Launch launch, HostMeter host) {
  /**
   * The model.
   *
   * @param profile has the limits that requests are validated against
   * @param revision commit of the checkpoint in the Hugging Face cache; empty if it was not there
   * @param directory that the model was read from
   */
  public record Model(
      String name,
      String architecture,
      ModelProfile profile,
      int layerCount,
      int hiddenSize,
      int intermediateSize,
      int queryHeadCount,
      int kvHeadCount,
      int headSize,
      int slidingWindowTokens,
      String tokenizerSha256,
      long kvBytesPerToken,
      String revision,
      String directory,
      ChatFormat chat) {}

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
  public record Versions(
      Build worker,
      String nativeLibrarySha256,
      boolean hasCudaKernels,
      String onnxruntime,
      String java) {
    /** The build of this program: its own classes, the contract, the transport. */
    public static Build build() {
      return Build.of(WorkerDescription.class, WorkerGrpc.class, IoThreads.class);
    }
  }

  /**
   * How the worker was started.
   *
   * @param options that were given, for example {@code --threads=4}
   */
  public record Launch(List<String> options, List<String> jvmArguments) {
    public Launch {
      options = List.copyOf(options);
      jvmArguments = List.copyOf(jvmArguments);
    }
  }

  public WorkerDescription {
    requireNonNull(model, "model is null");
    requireNonNull(device, "device is null");
    requireNonNull(versions, "versions is null");
    requireNonNull(launch, "launch is null");
    requireNonNull(host, "host is null");
  }
}
