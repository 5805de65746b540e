#pragma once

#include "kernels/cuda/injections.h"

namespace cacheblend::cuda {

// Index of the injection that covers a position, or -1.
inline __device__ int InjectionAt(const Injections& injections, int64_t position) {
  int low = 0, high = injections.count;  // injections before `low` begin at or before the position
  while (low < high) {
    const int middle = (low + high) / 2;
    if (injections.data[middle].first <= position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && position < injections.data[low - 1].end ? low - 1 : -1;
}

// Row of a chunk's keys or values at a position of the sequence.
template <typename T>
__device__ const T* ChunkRow(const Injection& injection, int layer, bool values, int64_t position,
                             int64_t row_size) {
  const int64_t tokens = injection.end - injection.first;
  const int64_t row = (2 * int64_t{layer} + values) * tokens + (position - injection.first);
  return static_cast<const T*>(injection.chunk) + row * row_size;
}

}  // namespace cacheblend::cuda
