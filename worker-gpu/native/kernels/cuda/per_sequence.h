#pragma once

#include <cstdint>

namespace cacheblend::cuda {

// Kernel parameter: a value of each sequence of a step. Few values are passed by value, which saves
// a copy to the device; more of them lie in device memory.
template <typename T>
struct PerSequence {
  static constexpr int64_t kMaxByValue = 8;

  const T* table;  // null: the values are in `few`
  T few[kMaxByValue];

  __device__ T operator[](int64_t s) const {
    if (table != nullptr) return table[s];
    return few[s];
  }
};

}  // namespace cacheblend::cuda
