#pragma once

#include <cstdint>

namespace cacheblend {

// Device memory for the kernels of one stream, which run one after another. It only grows.
class CudaWorkspace {
 public:
  CudaWorkspace() = default;
  ~CudaWorkspace();
  CudaWorkspace(const CudaWorkspace&) = delete;
  CudaWorkspace& operator=(const CudaWorkspace&) = delete;

  // Of the current device. Throws CudaError.
  void* Get(int64_t byte_count);

 private:
  void* memory_ = nullptr;
  int64_t byte_count_ = 0;
};

}  // namespace cacheblend
