#pragma once

#include <cuda.h>

#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

// TMA descriptor of the keys or values (`data`) of a layer: a tensor
// [num_blocks][num_kv_heads * kBlockTokens][head_size] of 16-bit elements, copied in boxes of 64
// slots x 64 columns with 128-byte swizzle. Throws CudaError.
CUtensorMap TensorMapOf(const PagedKv& kv, const void* data);

}  // namespace cacheblend::cuda
