#pragma once

#include <cstdint>

#include "kernels/cuda/masses.h"

namespace cacheblend::cuda {

// Over the KV heads in a fixed order.
inline __device__ float MassAt(const Masses& masses, int64_t position) {
  float sum = 0;
  for (int head = 0; head < masses.num_heads; ++head) {
    sum += masses.data[head * masses.stride + position];
  }
  return sum;
}

}  // namespace cacheblend::cuda
