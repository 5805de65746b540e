#include <algorithm>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/gate.cuh"
#include "kernels/cuda/gated_rows.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 256;

template <typename T, int N>
__global__ void __launch_bounds__(kThreads)
    GatedRowsKernel(const __grid_constant__ GatedRowsParams p) {
  LaunchDependents();
  AwaitPrimary();
  const int64_t packs_per_row = p.size / N, packs = p.num_rows * packs_per_row;
  const int64_t step = int64_t{gridDim.x} * kThreads;
  for (int64_t i = int64_t{blockIdx.x} * kThreads + threadIdx.x; i < packs; i += step) {
    const T* in =
        static_cast<const T*>(p.in) + i / packs_per_row * 2 * p.size + i % packs_per_row * N;
    const auto gate = *reinterpret_cast<const Pack<T, N>*>(in);
    const auto up = *reinterpret_cast<const Pack<T, N>*>(in + p.size);
    Pack<T, N> out;
#pragma unroll
    for (int j = 0; j < N; ++j) {
      const float x = ToFloat(gate.at[j]);
      out.at[j] = FromFloat<T>(Activated(p.gate, x) * ToFloat(up.at[j]));
    }
    reinterpret_cast<Pack<T, N>*>(p.out)[i] = out;
  }
}

}  // namespace

void GatedRows(const GatedRowsParams& p, cudaStream_t stream) {
  For16BitType(p.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const bool packed = p.size % kPack == 0 && IsAligned(p.in, 16) && IsAligned(p.out, 16);
    const int64_t packs = p.num_rows * (p.size / (packed ? kPack : 1));
    constexpr int64_t kMaxBlocks = 1 << 16;
    const auto blocks = static_cast<unsigned>(
        std::min(kMaxBlocks, std::max<int64_t>(1, (packs + kThreads - 1) / kThreads)));
    constexpr char kWhat[] = "GatedRows: kernel launch";
    if (packed) {
      LaunchEarly<GatedRowsKernel<T, kPack>>(dim3(blocks), kThreads, 0, stream, p, kWhat);
    } else {
      LaunchEarly<GatedRowsKernel<T, 1>>(dim3(blocks), kThreads, 0, stream, p, kWhat);
    }
  });
}

}  // namespace cacheblend::cuda
