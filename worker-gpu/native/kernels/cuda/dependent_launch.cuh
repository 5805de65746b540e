#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"
#include "kernels/cuda/once_per_device.h"

// Programmatic dependent launch: a kernel starts while its predecessor in the stream still runs,
// does independent work, and waits. Compute capability 9.0 and later.
namespace cacheblend::cuda {

// Allows the dependent kernel to start and to run up to its AwaitPrimary.
__device__ inline void LaunchDependents() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;");
#endif
}

// Waits until the preceding kernel has completed and its writes are visible. Every thread of a
// kernel that is launched early must wait, whatever it reads: the next kernel relies on its
// completion implying that of all earlier ones.
__device__ inline void AwaitPrimary() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// Whether the kernel may start before its predecessor has completed, on the current device. Only
// code compiled for compute capability 9.0 or later executes the wait.
template <auto kKernel>
bool CanLaunchEarly() {
  static std::once_flag queried[kMaxDevices];
  static bool early[kMaxDevices];
  const int device = CurrentDevice() % kMaxDevices;
  std::call_once(queried[device], [&] {
    cudaFuncAttributes attributes;
    Check(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(kKernel)),
          "cudaFuncGetAttributes");
    early[device] = attributes.ptxVersion >= 90;
  });
  return early[device];
}

// Enqueues a kernel that calls AwaitPrimary, with programmatic dependent launch if possible.
// Kernels can share a multiprocessor only if they use the same shared-memory carveout.
template <auto kKernel, typename Params>
void LaunchEarly(dim3 grid, int threads, int shared_bytes, cudaStream_t stream,
                 const Params& params, const char* what) {
  OncePerDevice([] {
    Check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kKernel),
                               cudaFuncAttributePreferredSharedMemoryCarveout,
                               cudaSharedmemCarveoutMaxShared),
          "cudaFuncSetAttribute of the shared-memory carveout");
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
  config.numAttrs = CanLaunchEarly<kKernel>() ? 1 : 0;
  Check(cudaLaunchKernelEx(&config, kKernel, params), what);
}

}  // namespace cacheblend::cuda
