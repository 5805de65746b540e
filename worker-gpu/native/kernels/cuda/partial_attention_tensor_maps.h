#pragma once

#include <cuda.h>

#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

// What the copy engine needs to know of the keys or values (`data`) of a layer: a tensor
// [num_blocks] [num_kv_heads * kBlockTokens][head_size], of which it copies 64 slots x 64 columns
// at a time, 16-byte pieces swizzled within 128 bytes. 16-bit types. Throws CudaError.
CUtensorMap TensorMapOf(const PagedKv& kv, const void* data);

}  // namespace cacheblend::cuda
