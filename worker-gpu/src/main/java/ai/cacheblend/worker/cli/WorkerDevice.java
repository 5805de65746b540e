package ai.cacheblend.worker.cli;

import ai.cacheblend.worker.device.NvmlGpu;
import ai.cacheblend.worker.grpc.WorkerDescription;
import ai.cacheblend.worker.kv.KvPlace;
import ai.cacheblend.worker.kv.KvPool;
import ai.cacheblend.worker.kv.KvShape;
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
record WorkerDevice(KvPlace place, ComputeDevice compute, MemoryPlan memory) {

  static WorkerDevice choose(WorkerOptions options, ModelManifest manifest, Path modelFolder)
      throws IOException {
    OptionalInt cuda = options.device().cudaOrdinal();
    if (cuda.isEmpty()) {
      requireCpuDtype(manifest);
    }
    KvPlace place =
        cuda.isPresent()
            ? KvPlace.cuda(cuda.getAsInt(), KvPlace.Element.valueOf(manifest.dtype().name()))
            : KvPlace.host();
    MemoryPlan.Need need =
        new MemoryPlan.Need(
            manifest.maxPositionCount(),
            KvPool.bytesPerToken(place, shape(manifest)),
            Files.size(modelFolder.resolve(ModelManifest.WEIGHTS_FILE)));
    if (cuda.isEmpty()) {
      return new WorkerDevice(
          place,
          new ComputeDevice.Cpu(options.threadCount()),
          MemoryPlan.ofHost(options.memory(), need, Machine.memoryByteCount()));
    }
    MemoryPlan memory = MemoryPlan.ofCuda(options.memory(), need, place.memory().freeByteCount());
    return new WorkerDevice(
        place, new ComputeDevice.Cuda(cuda.getAsInt(), memory.arenaByteCount()), memory);
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
