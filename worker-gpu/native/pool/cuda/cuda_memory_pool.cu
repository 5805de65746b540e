#include <cstdint>
#include <limits>

#include "kernels/cuda/check.h"
#include "pool/cuda/cuda_memory_pool.h"
#include "pool/cuda/on_device.h"

namespace cacheblend {

using cuda::Check;

CudaMemoryPool::CudaMemoryPool(int ordinal) : ordinal_(ordinal) {
  int supported = 0;
  Check(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, ordinal),
        "cudaDeviceGetAttribute");
  if (supported == 0) return;
  const OnDevice on(ordinal);
  Check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  cudaMemPoolProps properties{};
  properties.allocType = cudaMemAllocationTypePinned;
  properties.location.type = cudaMemLocationTypeDevice;
  properties.location.id = ordinal;
  cudaError_t code = cudaMemPoolCreate(&pool_, &properties);
  if (code == cudaSuccess) {
    uint64_t keep_all = std::numeric_limits<uint64_t>::max();
    code = cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep_all);
    if (code != cudaSuccess) cudaMemPoolDestroy(pool_);
  }
  if (code != cudaSuccess) cudaStreamDestroy(stream_);
  Check(code, "cudaMemPoolCreate");
}

CudaMemoryPool::~CudaMemoryPool() {
  if (pool_ == nullptr) return;
  cudaMemPoolDestroy(pool_);
  cudaStreamDestroy(stream_);
}

void* CudaMemoryPool::Allocate(int64_t byte_count) const {
  const OnDevice on(ordinal_);
  void* memory = nullptr;
  if (pool_ == nullptr) {
    Check(cudaMalloc(&memory, byte_count), "cudaMalloc");
    return memory;
  }
  Check(cudaMallocFromPoolAsync(&memory, byte_count, pool_, stream_), "cudaMallocFromPoolAsync");
  // Other streams may use the memory once the allocation has passed on its own, which runs nothing
  // else.
  Check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  return memory;
}

void CudaMemoryPool::Free(void* memory) const {
  if (pool_ == nullptr) {
    cudaFree(memory);
  } else {
    cudaFreeAsync(memory, stream_);
  }
}

}  // namespace cacheblend
