#include <string>

#include "kernels/cuda/check.h"

namespace cacheblend::cuda {

CudaError::CudaError(cudaError_t code, const char* what)
    : std::runtime_error(std::string(what) + ": " + cudaGetErrorString(code) + " (" +
                         cudaGetErrorName(code) + ")"),
      code_(code) {}

void Check(cudaError_t code, const char* what) {
  if (code != cudaSuccess) throw CudaError(code, what);
}

}  // namespace cacheblend::cuda
