#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace cacheblend {

// Device memory whose allocation and release do not wait for the device, unlike cudaMalloc and
// cudaFree. Released memory stays in the pool for later allocations. A device without memory pools
// (cudaDevAttrMemoryPoolsSupported) uses cudaMalloc and cudaFree. Thread-safe.
class CudaMemoryPool {
 public:
  explicit CudaMemoryPool(int ordinal);
  ~CudaMemoryPool();
  CudaMemoryPool(const CudaMemoryPool&) = delete;
  CudaMemoryPool& operator=(const CudaMemoryPool&) = delete;

  // For any stream of the device. Throws CudaError.
  void* Allocate(int64_t byte_count) const;
  // No device work may use the memory any more.
  void Free(void* memory) const;

 private:
  const int ordinal_;
  cudaMemPool_t pool_ = nullptr;
  cudaStream_t stream_ = nullptr;
};

}  // namespace cacheblend
