#pragma once

#include "kernels/cuda/placements.h"

namespace cacheblend::cuda {

// Index of the placement that covers a position; -1: none does.
inline __device__ int PlacementAt(const Placements& placements, int64_t position) {
  int low = 0, high = placements.count;  // those before `low` begin at or before the position
  while (low < high) {
    const int middle = (low + high) / 2;
    if (placements.data[middle].first <= position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 && position < placements.data[low - 1].end ? low - 1 : -1;
}

template <typename T>
__device__ const T* ChunkRow(const Placement& placement, int layer, bool values, int64_t position,
                             int64_t row_size) {
  const int64_t tokens = placement.end - placement.first;
  const int64_t row = (2 * int64_t{layer} + values) * tokens + (position - placement.first);
  return static_cast<const T*>(placement.chunk) + row * row_size;
}

}  // namespace cacheblend::cuda
