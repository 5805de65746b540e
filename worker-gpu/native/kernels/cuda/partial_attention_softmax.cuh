#pragma once

#include <cmath>

#include "kernels/cuda/exp2.cuh"

namespace cacheblend::cuda {

__device__ inline float QuadMax(float x) {
  x = fmaxf(x, __shfl_xor_sync(~0u, x, 1));
  return fmaxf(x, __shfl_xor_sync(~0u, x, 2));
}

__device__ inline float QuadSum(float x) {
  x += __shfl_xor_sync(~0u, x, 1);
  return x + __shfl_xor_sync(~0u, x, 2);
}

// Online softmax of one query row, distributed over the four threads of a quad.
struct RowSoftmax {
  float maximum = -INFINITY;  // of unscaled scores
  float sum = 0;              // of this thread's weights

  // Weights of a block with this maximum would exceed 2^8, or this is the first block.
  __device__ bool IsTooLow(float block_maximum, float log2_scale) const {
    return (block_maximum - maximum) * log2_scale > 8;
  }

  // Includes the maximum of a block's scores, which is equal in all threads of the quad. Returns
  // the factor that rescales earlier sums.
  __device__ float Raise(float block_maximum, float log2_scale) {
    const float next = fmaxf(maximum, block_maximum);
    const float shrink = Exp2((maximum - Finite(next)) * log2_scale);
    maximum = next;
    sum *= shrink;
    return shrink;
  }

  // A weight is Exp2(score * log2_scale - Offset()).
  __device__ float Offset(float log2_scale) const { return Finite(maximum) * log2_scale; }

  // A row without visible keys so far has weights of 0, not exp(-inf + inf).
  __device__ static float Finite(float x) { return x == -INFINITY ? 0 : x; }
};

// Keys that a row sees: (low, high].
struct Visible {
  int low, high;
  __device__ bool operator()(int key) const { return key > low && key <= high; }
};

__device__ inline Visible VisibleFrom(int position, int window) {
  return {window > 0 ? position - window : -1, position};
}

}  // namespace cacheblend::cuda
