#pragma once

#include <cuda_runtime_api.h>

#include <mutex>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {

inline constexpr int kMaxDevices = 64;

// Calls setup() once per device, for each type of it.
template <typename Setup>
void OncePerDevice(const Setup& setup) {
  static std::once_flag done[kMaxDevices];
  int device = 0;
  Check(cudaGetDevice(&device), "cudaGetDevice");
  std::call_once(done[device % kMaxDevices], setup);
}

// Of the current device.
inline int Multiprocessors() {
  int device = 0, count = 0;
  Check(cudaGetDevice(&device), "cudaGetDevice");
  Check(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device),
        "number of multiprocessors");
  return count;
}

// Lets a kernel take more than 48 KB of shared memory.
template <auto kKernel>
void AllowSharedMemory(int bytes) {
  OncePerDevice([&] {
    Check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kKernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
          "shared memory of a kernel");
  });
}

}  // namespace cacheblend::cuda
