#pragma once

#include <cuda_runtime_api.h>

#include <stdexcept>

namespace cacheblend::cuda {

// A call of the CUDA runtime, or a launch, failed.
class CudaError : public std::runtime_error {
 public:
  CudaError(cudaError_t code, const char* what);
  cudaError_t code() const { return code_; }

 private:
  cudaError_t code_;
};

// Throws CudaError that names what was tried. After a launch: Check(cudaGetLastError(), "...").
void Check(cudaError_t code, const char* what);

}  // namespace cacheblend::cuda
