#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// What the copy engine needs to know of a tensor of 16-bit elements, the innermost dimension first,
// and of the boxes that it copies. These are 64 or 16 elements wide, and lie in shared memory as
// rows of 128 or 32 bytes whose 16-byte pieces are swizzled within that width. What leaves the
// tensor is read as zeros, and not written. Strides, one fewer than dimensions, are in bytes.
template <int kDimensions>
struct BoxedTensor {
  ElementType type;
  const void* data;
  uint64_t sizes[kDimensions];
  uint64_t strides[kDimensions - 1];
  uint32_t box[kDimensions];

  // Throws CudaError that says `what`.
  CUtensorMap Map(const char* what) const;
};

}  // namespace cacheblend::cuda
