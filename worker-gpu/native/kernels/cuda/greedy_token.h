#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// The index of each row's largest number; ties go to the lower index, and what is not a number
// never wins.
struct GreedyTokenParams {
  const void* logits;  // [num_rows, size]
  int64_t num_rows, size;
  ElementType type;
  int64_t* out;  // [num_rows]
};

// Enqueues; throws CudaError.
void GreedyToken(const GreedyTokenParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
