#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// Index of the largest logit of each row; ties go to the lower index. -1 if the row's maximum is
// not finite: some logit is NaN or +infinity, or all are -infinity.
struct GreedyTokenParams {
  const void* logits;  // [num_rows, size]
  int64_t num_rows, size;
  ElementType type;
  int64_t* out;   // [num_rows]
  int64_t* copy;  // [num_rows], the same; or null
};

// Enqueues; throws CudaError.
void GreedyToken(const GreedyTokenParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
