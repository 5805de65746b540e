#include <type_traits>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/rms_norm.cuh"
#include "kernels/cuda/rms_norm.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 256;

// One thread block per row. The row stays in registers: up to kPacks packs of N elements per
// thread.
template <typename T, int N, int kPacks>
__global__ void __launch_bounds__(kThreads) RmsNormKernel(const __grid_constant__ RmsNormParams p) {
  __shared__ float sums[kThreads / 32];
  LaunchDependents();
  AwaitPrimary();
  using Elements = Pack<T, N>;
  const auto packs = static_cast<int>(p.size / N);
  const auto* in = static_cast<const Elements*>(p.in) + int64_t{blockIdx.x} * packs;
  const auto* weight = static_cast<const Elements*>(p.weight);
  auto* out = static_cast<Elements*>(p.out) + int64_t{blockIdx.x} * packs;
  Elements row[kPacks];
  float squares = 0;
#pragma unroll
  for (int i = 0; i < kPacks; ++i) {
    const int at = threadIdx.x + i * kThreads;
    if (at >= packs) break;
    row[i] = in[at];
#pragma unroll
    for (int j = 0; j < N; ++j) squares += ToFloat(row[i].at[j]) * ToFloat(row[i].at[j]);
  }
  const float mean = BlockSum<kThreads>(squares, sums) / static_cast<float>(p.size);
  const float scale = rsqrtf(mean + p.epsilon);
#pragma unroll
  for (int i = 0; i < kPacks; ++i) {
    const int at = threadIdx.x + i * kThreads;
    if (at >= packs) break;
    const Elements w = weight[at];
#pragma unroll
    for (int j = 0; j < N; ++j) {
      row[i].at[j] = FromFloat<T>(ToFloat(row[i].at[j]) * scale * ToFloat(w.at[j]));
    }
    out[at] = row[i];
  }
}

// Rows of any size and alignment.
template <typename T>
__global__ void __launch_bounds__(kThreads)
    AnyRmsNormKernel(const __grid_constant__ RmsNormParams p) {
  __shared__ float sums[kThreads / 32];
  LaunchDependents();
  AwaitPrimary();
  const int64_t at = blockIdx.x * p.size;
  NormRow<T, 1, kThreads>(static_cast<const T*>(p.in) + at, static_cast<const T*>(p.weight), p.size,
                          p.epsilon, sums, static_cast<T*>(p.out) + at);
}

}  // namespace

void RmsNorm(const RmsNormParams& p, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  For16BitType(p.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const dim3 grid(static_cast<unsigned>(p.num_rows));
    const auto launch = [&](auto packs) {
      LaunchEarly<RmsNormKernel<T, kPack, decltype(packs)::value>>(grid, kThreads, 0, stream, p,
                                                                   "RmsNorm: kernel launch");
    };
    const bool packed = p.size % kPack == 0 && IsAligned(p.in, 16) && IsAligned(p.weight, 16) &&
                        IsAligned(p.out, 16);
    const int64_t packs = (p.size / kPack + kThreads - 1) / kThreads;
    if (packed && packs <= 1) {
      launch(std::integral_constant<int, 1>());
    } else if (packed && packs <= 2) {
      launch(std::integral_constant<int, 2>());
    } else if (packed && packs <= 4) {
      launch(std::integral_constant<int, 4>());
    } else if (packed && packs <= 8) {
      launch(std::integral_constant<int, 8>());
    } else {
      LaunchEarly<AnyRmsNormKernel<T>>(grid, kThreads, 0, stream, p, "RmsNorm: kernel launch");
    }
  });
}

}  // namespace cacheblend::cuda
