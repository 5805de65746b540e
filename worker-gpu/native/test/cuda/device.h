#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/cuda/check.h"
#include "kernels/element_type.h"

// Use in a test body or in SetUp.
#define SKIP_WITHOUT_GPU() \
  if (!::cacheblend::cuda::HasGpu()) GTEST_SKIP() << "no CUDA device"

namespace cacheblend::cuda {

inline bool HasGpu() {
  int devices = 0;
  return cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0;
}

// Owner of device memory.
template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(int64_t count) : count_(count) {
    if (count > 0) Check(cudaMalloc(&data_, count * sizeof(T)), "cudaMalloc");
  }
  explicit DeviceArray(const std::vector<T>& from) : DeviceArray(from.size()) {
    Check(cudaMemcpy(data_, from.data(), Bytes(), cudaMemcpyHostToDevice), "copy to the device");
  }
  DeviceArray(DeviceArray&& other) noexcept { *this = std::move(other); }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~DeviceArray() { cudaFree(data_); }

  T* data() const { return static_cast<T*>(data_); }
  int64_t Bytes() const { return count_ * static_cast<int64_t>(sizeof(T)); }
  void Fill(int byte) const { Check(cudaMemset(data_, byte, Bytes()), "cudaMemset"); }
  std::vector<T> ToHost() const {
    std::vector<T> to(count_);
    Check(cudaMemcpy(to.data(), data_, Bytes(), cudaMemcpyDeviceToHost), "copy to the host");
    return to;
  }

 private:
  void* data_ = nullptr;
  int64_t count_ = 0;
};

// Conversion between float and the elements of a type.
inline void Encode(ElementType type, float x, void* to, int64_t index) {
  switch (type) {
    case ElementType::kFloat32:
      static_cast<float*>(to)[index] = x;
      break;
    case ElementType::kFloat16:
      static_cast<__half*>(to)[index] = __float2half(x);
      break;
    case ElementType::kBFloat16:
      static_cast<__nv_bfloat16*>(to)[index] = __float2bfloat16(x);
      break;
  }
}

inline float Decode(ElementType type, const void* from, int64_t index) {
  switch (type) {
    case ElementType::kFloat32:
      return static_cast<const float*>(from)[index];
    case ElementType::kFloat16:
      return __half2float(static_cast<const __half*>(from)[index]);
    case ElementType::kBFloat16:
      return __bfloat162float(static_cast<const __nv_bfloat16*>(from)[index]);
  }
  return 0;
}

inline float Rounded(ElementType type, float x) {
  float to;
  Encode(type, x, &to, 0);
  return Decode(type, &to, 0);
}

}  // namespace cacheblend::cuda
