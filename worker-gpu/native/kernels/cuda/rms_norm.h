#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// out = in / sqrt(mean(in^2) + epsilon) * (weight + weight_offset) + residual for each row,
// computed in fp32 and rounded once.
struct RmsNormParams {
  const void* in;        // [num_rows, size]
  const void* weight;    // [size]
  const void* residual;  // [num_rows, size], or null
  int64_t num_rows, size;
  float epsilon, weight_offset;
  ElementType type;  // 16 bits
  void* out;         // [num_rows, size], must not alias `in` or `residual`
};

// Enqueues; throws CudaError.
void RmsNorm(const RmsNormParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
