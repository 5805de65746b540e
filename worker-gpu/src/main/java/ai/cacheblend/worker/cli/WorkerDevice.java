package ai.cacheblend.worker.cli;

import ai.cacheblend.worker.device.NvmlGpu;
import ai.cacheblend.worker.grpc.WorkerDescription;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage;
import ai.cacheblend.worker.kv.NativeKvPool;
import ai.cacheblend.worker.kv.NativeLibrary;
import ai.cacheblend.worker.model.ComputeDevice;
import ai.cacheblend.worker.model.ModelDtype;
import ai.cacheblend.worker.model.ModelFailureException;
import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The device of a worker: where its KV lives, what its model runs on, and how its memory is shared.
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
            ? KvStorage.cuda(cuda.getAsInt(), KvStorage.Element.valueOf(manifest.dtype().name()))
            : KvStorage.host();
    MemoryPlan.Need need =
        new MemoryPlan.Need(
            manifest.maxPositionCount(),
            NativeKvPool.bytesPerToken(kv, shape(manifest)),
            Files.size(modelFolder.resolve(ModelManifest.WEIGHTS_FILE)));
    if (cuda.isEmpty()) {
      return new WorkerDevice(
          kv,
          new ComputeDevice.Cpu(options.threadCount()),
          MemoryPlan.ofHost(options.memory(), need, kv.memory().freeByteCount()));
    }
    MemoryPlan memory = MemoryPlan.ofCuda(options.memory(), need, kv.memory().freeByteCount());
    return new WorkerDevice(
        kv, new ComputeDevice.Cuda(cuda.getAsInt(), memory.arenaByteCount()), memory);
  }

  static KvShape shape(ModelManifest manifest) {
    return new KvShape(manifest.layerCount(), manifest.kvHeadCount(), manifest.headSize());
  }

  WorkerDescription.Device describe(WorkerOptions options) {
    OptionalInt cuda = options.device().cudaOrdinal();
    return cuda.isPresent()
        ? WorkerDescription.Device.cuda(NvmlGpu.open(cuda.getAsInt()))
        : WorkerDescription.Device.cpu(
            Machine.processorName(), options.threadCount(), NativeLibrary.instructionSet());
  }

  private static void requireCpuDtype(ModelManifest manifest) {
    if (manifest.dtype() != ModelDtype.FP32) {
      throw new ModelFailureException(
          "the model is "
              + manifest.dtype().id()
              + ", and the CPU computes in fp32; export the checkpoint again with --dtype fp32,"
              + " or give --device cuda:0");
    }
  }
}
