#include <cuda_runtime_api.h>

#include "kernels/cuda/check.h"
#include "pool/cuda/cuda_workspace.h"

namespace cacheblend {

CudaWorkspace::~CudaWorkspace() { cudaFree(memory_); }

void* CudaWorkspace::Get(int64_t byte_count) {
  if (byte_count <= byte_count_) return memory_;
  cudaFree(memory_);  // waits for kernels that still use it
  memory_ = nullptr;
  byte_count_ = 0;
  cuda::Check(cudaMalloc(&memory_, byte_count), "cudaMalloc of a workspace");
  byte_count_ = byte_count;
  return memory_;
}

}  // namespace cacheblend
