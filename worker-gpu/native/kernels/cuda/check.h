#pragma once

#include <cuda_runtime_api.h>

#include <stdexcept>

namespace cacheblend::cuda {

// A CUDA runtime call or a kernel launch failed.
class CudaError : public std::runtime_error {
 public:
  CudaError(cudaError_t code, const char* what);
  cudaError_t code() const { return code_; }

 private:
  cudaError_t code_;
};

// Throws CudaError with `what` unless the call succeeded. After a launch:
// Check(cudaGetLastError(), "...").
void Check(cudaError_t code, const char* what);

}  // namespace cacheblend::cuda
