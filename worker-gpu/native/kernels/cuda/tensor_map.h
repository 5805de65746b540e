#pragma once

#include <cuda.h>

#include <array>
#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// TMA descriptor of a tensor of 16-bit elements that is copied in boxes, with the 128-byte swizzle:
// the first box dimension is 64 elements. Sizes are from the fastest dimension on; `strides` are in
// bytes, of all dimensions but the fastest, multiples of 16. `data` is 16-byte aligned. Boxes read
// zeros outside the tensor.
template <int kRank>
struct TensorMapParams {
  ElementType type;
  const void* data;
  std::array<uint64_t, kRank> sizes;
  std::array<uint64_t, kRank - 1> strides;
  std::array<uint32_t, kRank> box;
};

// Throws CudaError with `what`.
template <int kRank>
CUtensorMap MakeTensorMap(const TensorMapParams<kRank>& params, const char* what);

extern template CUtensorMap MakeTensorMap<3>(const TensorMapParams<3>&, const char*);

}  // namespace cacheblend::cuda
