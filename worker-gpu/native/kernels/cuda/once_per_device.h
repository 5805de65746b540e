#pragma once

#include <cuda_runtime_api.h>

#include <mutex>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {

inline constexpr int kMaxDevices = 64;

inline int CurrentDevice() {
  int device = 0;
  Check(cudaGetDevice(&device), "cudaGetDevice");
  return device;
}

// Attribute of the current device.
inline int DeviceAttribute(cudaDeviceAttr attribute) {
  int value = 0;
  Check(cudaDeviceGetAttribute(&value, attribute, CurrentDevice()), "cudaDeviceGetAttribute");
  return value;
}

// Calls setup() once per device and type of Setup.
template <typename Setup>
void OncePerDevice(const Setup& setup) {
  static std::once_flag done[kMaxDevices];
  std::call_once(done[CurrentDevice() % kMaxDevices], setup);
}

// Multiprocessor count of the current device.
inline int Multiprocessors() { return DeviceAttribute(cudaDevAttrMultiProcessorCount); }

// Allows a kernel to use more than 48 KB of dynamic shared memory.
template <auto kKernel>
void AllowSharedMemory(int bytes) {
  OncePerDevice([&] {
    Check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kKernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
          "cudaFuncSetAttribute of the shared-memory size");
  });
}

}  // namespace cacheblend::cuda
