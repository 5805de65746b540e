package ai.cacheblend.worker.cli;

import ai.cacheblend.host.HostMeter;
import ai.cacheblend.worker.device.NvmlGpu;
import ai.cacheblend.worker.grpc.WorkerDescription;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage;
import ai.cacheblend.worker.kv.NativeKvPool;
import ai.cacheblend.worker.kv.NativeLibrary;
import ai.cacheblend.worker.model.ComputeDevice;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The device of a worker: the memory of its KV, the device of its model, the division of memory.
 */
record WorkerDevice(KvStorage kv, ComputeDevice compute, MemoryPlan memory) {

  static WorkerDevice choose(WorkerOptions options, ModelManifest manifest, Path modelFolder)
      throws IOException {
    OptionalInt cuda = options.device().cudaOrdinal();
    if (cuda.isEmpty()) {
      requireCpuDtype(manifest);
    }
    KvStorage kv =
        cuda.isPresent()
            ? KvStorage.cuda(
                cuda.getAsInt(), KvStorage.Element.valueOf(manifest.dtypes().kv().name()))
            : KvStorage.host();
    MemoryPlan.Required required =
        new MemoryPlan.Required(
            manifest.config().maxPositionCount(),
            options.limits().maxSequences(),
            NativeKvPool.bytesPerToken(kv, shape(manifest)),
            Files.size(modelFolder.resolve(ModelManifest.WEIGHTS_FILE)));
    if (cuda.isEmpty()) {
      return new WorkerDevice(
          kv,
          new ComputeDevice.Cpu(options.threadCount()),
          MemoryPlan.ofHost(options.memory(), required, kv.memory().freeByteCount()));
    }
    MemoryPlan memory = MemoryPlan.ofCuda(options.memory(), required, kv.memory().freeByteCount());
    return new WorkerDevice(
        kv, new ComputeDevice.Cuda(cuda.getAsInt(), memory.arenaByteCount()), memory);
  }

  static KvShape shape(ModelManifest manifest) {
    ModelConfig config = manifest.config();
    return new KvShape(
        config.layerCount(), config.attention().kvHeadCount(), config.attention().headSize());
  }

  WorkerDescription.Device describe(WorkerOptions options) {
    OptionalInt cuda = options.device().cudaOrdinal();
    return cuda.isPresent()
        ? WorkerDescription.Device.cuda(NvmlGpu.open(cuda.getAsInt()))
        : WorkerDescription.Device.cpu(
            HostMeter.system().processorName(),
            options.threadCount(),
            NativeLibrary.instructionSet());
  }

  private static void requireCpuDtype(ModelManifest manifest) {
    if (manifest.dtypes().compute() != Dtype.FP32) {
      throw new ModelFailureException(
          "the model computes in %s, which the CPU does not support; export it with --dtype fp32, or"
                  .formatted(manifest.dtypes().compute().id())
              + " serve it with --device cuda:0");
    }
  }
}
