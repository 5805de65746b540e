#pragma once

#include "kernels/cuda/elements.cuh"

namespace cacheblend::cuda {

__device__ inline float WarpSum(float x) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(~0u, x, step);
  return x;
}

// Sum over the thread block, returned to every thread. Uses kThreads / 32 floats of shared memory.
template <int kThreads>
__device__ float BlockSum(float x, float* shared) {
  x = WarpSum(x);
  __syncthreads();  // readers of the previous sum
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = x;
  __syncthreads();
  float sum = 0;
#pragma unroll
  for (int warp = 0; warp < kThreads / 32; ++warp) sum += shared[warp];
  return sum;
}

// to = from / sqrt(mean(from^2) + epsilon) * (weight + weight_offset), computed by a thread block.
// `to` is shared or global memory. Each thread reads back only its own writes.
template <typename T, int N, int kThreads>
__device__ void NormRow(const T* from, const T* weight, float weight_offset, int64_t size,
                        float epsilon, float* shared, T* to) {
  float squares = 0;
  for (int64_t i = int64_t{threadIdx.x} * N; i < size; i += kThreads * N) {
    const auto x = *reinterpret_cast<const Pack<T, N>*>(from + i);
    *reinterpret_cast<Pack<T, N>*>(to + i) = x;
#pragma unroll
    for (int j = 0; j < N; ++j) squares += ToFloat(x.at[j]) * ToFloat(x.at[j]);
  }
  const float mean = BlockSum<kThreads>(squares, shared) / static_cast<float>(size);
  const float scale = rsqrtf(mean + epsilon);
  for (int64_t i = int64_t{threadIdx.x} * N; i < size; i += kThreads * N) {
    auto x = *reinterpret_cast<const Pack<T, N>*>(to + i);
    const auto w = *reinterpret_cast<const Pack<T, N>*>(weight + i);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      x.at[j] = FromFloat<T>(ToFloat(x.at[j]) * scale * (ToFloat(w.at[j]) + weight_offset));
    }
    *reinterpret_cast<Pack<T, N>*>(to + i) = x;
  }
}

}  // namespace cacheblend::cuda
