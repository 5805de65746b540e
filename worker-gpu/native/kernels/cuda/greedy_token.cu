#include <cub/block/block_reduce.cuh>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/greedy_token.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 1024;

struct Candidate {
  float value;  // +infinity for NaN
  int64_t index;
};

struct Better {
  __device__ Candidate operator()(const Candidate& a, const Candidate& b) const {
    return b.value > a.value || (b.value == a.value && b.index < a.index) ? b : a;
  }
};

// One thread block per row: a row is a few hundred kilobytes, most of it in L2.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads) GreedyTokenKernel(GreedyTokenParams p) {
  using Reduce = cub::BlockReduce<Candidate, kThreads>;
  __shared__ typename Reduce::TempStorage storage;
  AwaitPrimary();
  const T* row = static_cast<const T*>(p.logits) + blockIdx.x * p.size;
  Candidate best{-INFINITY, 0};
  for (int64_t i = int64_t{threadIdx.x} * N; i < p.size; i += kThreads * N) {
    const auto pack = *reinterpret_cast<const Pack<T, N>*>(row + i);
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const float x = ToFloat(pack.at[j]);
      best = Better()(best, {x < INFINITY ? x : INFINITY, i + j});
    }
  }
  best = Reduce(storage).Reduce(best, Better());
  if (threadIdx.x == 0) {
    const bool is_finite = best.value > -INFINITY && best.value < INFINITY;
    const int64_t token = is_finite ? best.index : -1;
    p.out[blockIdx.x] = token;
    if (p.copy != nullptr) p.copy[blockIdx.x] = token;
  }
}

}  // namespace

void GreedyToken(const GreedyTokenParams& p, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  ForType(p.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const dim3 grid(static_cast<unsigned>(p.num_rows));
    constexpr char kWhat[] = "GreedyToken: kernel launch";
    if (p.size % kPack == 0 && IsAligned(p.logits, 16)) {
      LaunchEarly<GreedyTokenKernel<T, kPack>>(grid, kThreads, 0, stream, p, kWhat);
    } else {
      LaunchEarly<GreedyTokenKernel<T, 1>>(grid, kThreads, 0, stream, p, kWhat);
    }
  });
}

}  // namespace cacheblend::cuda
