#include <type_traits>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/rms_norm.cuh"
#include "kernels/cuda/rms_norm.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 256;

// The normed elements of a row in packs of N, with the residual.
template <typename T, int N>
struct NormedRow {
  using Elements = Pack<T, N>;

  __device__ NormedRow(const RmsNormParams& p, int64_t row)
      : offset(p.weight_offset), at(row * (p.size / N)) {
    in = static_cast<const Elements*>(p.in) + at;
    weight = static_cast<const Elements*>(p.weight);
    residual = p.residual == nullptr ? nullptr : static_cast<const Elements*>(p.residual) + at;
    out = static_cast<Elements*>(p.out) + at;
  }

  static __device__ float Squares(const Elements& x) {
    float sum = 0;
#pragma unroll
    for (int j = 0; j < N; ++j) sum += ToFloat(x.at[j]) * ToFloat(x.at[j]);
    return sum;
  }

  __device__ void Write(int i, const Elements& x, float scale) const {
    const Elements w = weight[i];
    float y[N];
#pragma unroll
    for (int j = 0; j < N; ++j) y[j] = ToFloat(x.at[j]) * scale * (ToFloat(w.at[j]) + offset);
    if (residual != nullptr) {
      const Elements sum = residual[i];
#pragma unroll
      for (int j = 0; j < N; ++j) y[j] += ToFloat(sum.at[j]);
    }
    Elements to;
#pragma unroll
    for (int j = 0; j < N; ++j) to.at[j] = FromFloat<T>(y[j]);
    out[i] = to;
  }

  const float offset;
  const int64_t at;
  const Elements *in, *weight, *residual;
  Elements* out;
};

// One thread block per row. The row stays in registers: up to kPacks packs of N elements per
// thread.
template <typename T, int N, int kPacks>
__global__ void __launch_bounds__(kThreads) RmsNormKernel(const __grid_constant__ RmsNormParams p) {
  __shared__ float sums[kThreads / 32];
  LaunchDependents();
  AwaitPrimary();
  const NormedRow<T, N> row(p, blockIdx.x);
  const auto packs = static_cast<int>(p.size / N);
  Pack<T, N> x[kPacks];
  float squares = 0;
#pragma unroll
  for (int i = 0; i < kPacks; ++i) {
    const int at = threadIdx.x + i * kThreads;
    if (at >= packs) break;
    x[i] = row.in[at];
    squares += row.Squares(x[i]);
  }
  const float mean = BlockSum<kThreads>(squares, sums) / static_cast<float>(p.size);
  const float scale = rsqrtf(mean + p.epsilon);
#pragma unroll
  for (int i = 0; i < kPacks; ++i) {
    const int at = threadIdx.x + i * kThreads;
    if (at >= packs) break;
    row.Write(at, x[i], scale);
  }
}

// One warp per row, for rows of at most 32 packs: heads.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    ShortRmsNormKernel(const __grid_constant__ RmsNormParams p) {
  LaunchDependents();
  AwaitPrimary();
  const int64_t index = int64_t{blockIdx.x} * (kThreads / 32) + threadIdx.x / 32;
  if (index >= p.num_rows) return;
  const NormedRow<T, N> row(p, index);
  const auto lane = static_cast<int>(threadIdx.x % 32);
  const bool used = lane < p.size / N;
  const Pack<T, N> x = used ? row.in[lane] : Pack<T, N>{};
  const float mean = WarpSum(row.Squares(x)) / static_cast<float>(p.size);
  if (used) row.Write(lane, x, rsqrtf(mean + p.epsilon));
}

// Rows of any size and alignment.
template <typename T>
__global__ void __launch_bounds__(kThreads)
    AnyRmsNormKernel(const __grid_constant__ RmsNormParams p) {
  __shared__ float sums[kThreads / 32];
  LaunchDependents();
  AwaitPrimary();
  const NormedRow<T, 1> row(p, blockIdx.x);
  float squares = 0;
  for (int i = threadIdx.x; i < p.size; i += kThreads) squares += row.Squares(row.in[i]);
  const float mean = BlockSum<kThreads>(squares, sums) / static_cast<float>(p.size);
  const float scale = rsqrtf(mean + p.epsilon);
  for (int i = threadIdx.x; i < p.size; i += kThreads) row.Write(i, row.in[i], scale);
}

}  // namespace

void RmsNorm(const RmsNormParams& p, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  For16BitType(p.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const char* const what = "RmsNorm: kernel launch";
    const dim3 grid(static_cast<unsigned>(p.num_rows));
    const auto launch = [&](auto packs) {
      LaunchEarly<RmsNormKernel<T, kPack, decltype(packs)::value>>(grid, kThreads, 0, stream, p,
                                                                   what);
    };
    const bool packed = p.size % kPack == 0 && IsAligned(p.in, 16) && IsAligned(p.weight, 16) &&
                        IsAligned(p.residual, 16) && IsAligned(p.out, 16);
    const int64_t packs = (p.size / kPack + kThreads - 1) / kThreads;
    if (packed && p.size <= 32 * kPack) {
      constexpr int kRows = kThreads / 32;
      LaunchEarly<ShortRmsNormKernel<T, kPack>>(
          dim3(static_cast<unsigned>((p.num_rows + kRows - 1) / kRows)), kThreads, 0, stream, p,
          what);
    } else if (packed && packs <= 1) {
      launch(std::integral_constant<int, 1>());
    } else if (packed && packs <= 2) {
      launch(std::integral_constant<int, 2>());
    } else if (packed && packs <= 4) {
      launch(std::integral_constant<int, 4>());
    } else if (packed && packs <= 8) {
      launch(std::integral_constant<int, 8>());
    } else {
      LaunchEarly<AnyRmsNormKernel<T>>(grid, kThreads, 0, stream, p, what);
    }
  });
}

}  // namespace cacheblend::cuda
