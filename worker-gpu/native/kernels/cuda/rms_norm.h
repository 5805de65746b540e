#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// out = in / sqrt(mean(in^2) + epsilon) * weight for each row, accumulated in fp32.
struct RmsNormParams {
  const void* in;      // [num_rows, size]
  const void* weight;  // [size]
  int64_t num_rows, size;
  float epsilon;
  ElementType type;  // 16 bits
  void* out;         // [num_rows, size], must not alias `in`
};

// Enqueues; throws CudaError.
void RmsNorm(const RmsNormParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
