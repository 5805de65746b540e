#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"
#include "kernels/cuda/once_per_device.h"

// Programmatic dependent launch: a kernel is started while the one before it in the stream still
// runs, does what does not depend on it, and waits. From compute capability 9.0 on.
namespace cacheblend::cuda {

// Lets a kernel that was launched to follow this one start and wait (AwaitPrimary).
__device__ inline void LaunchDependents() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
#endif
}

// Until the kernel before has completed and its writes can be read. A kernel that is launched early
// waits in every thread, whatever it reads: the next one takes its end for the end of all before.
__device__ inline void AwaitPrimary() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// May the kernel be started before the one that it follows has ended, on the current device? Only
// code that was compiled for compute capability 9.0 or later waits by itself.
template <auto kKernel>
bool StartsEarly() {
  static std::once_flag asked[kMaxDevices];
  static bool early[kMaxDevices];
  const int device = CurrentDevice() % kMaxDevices;
  std::call_once(asked[device], [&] {
    cudaFuncAttributes attributes;
    Check(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(kKernel)),
          "attributes of a kernel");
    early[device] = attributes.ptxVersion >= 90;
  });
  return early[device];
}

// Enqueues a kernel that calls AwaitPrimary, early where that is possible. Kernels stand beside
// each other on a multiprocessor only if they divide its cache alike.
template <auto kKernel, typename Params>
void LaunchEarly(dim3 grid, int threads, int shared_bytes, cudaStream_t stream,
                 const Params& params, const char* what) {
  OncePerDevice([] {
    Check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kKernel),
                               cudaFuncAttributePreferredSharedMemoryCarveout,
                               cudaSharedmemCarveoutMaxShared),
          "shared memory of a kernel");
  });
  cudaLaunchAttribute early = {};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config = {};
  config.gridDim = grid;
  config.blockDim = dim3(threads);
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  config.attrs = &early;
  config.numAttrs = StartsEarly<kKernel>() ? 1 : 0;
  Check(cudaLaunchKernelEx(&config, kKernel, params), what);
}

}  // namespace cacheblend::cuda
