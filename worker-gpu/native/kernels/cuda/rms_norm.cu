#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/rms_norm.cuh"
#include "kernels/cuda/rms_norm.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 256;

// One thread block per row.
template <typename T, int N>
__global__ void __launch_bounds__(kThreads) RmsNormKernel(const __grid_constant__ RmsNormParams p) {
  __shared__ float sums[kThreads / 32];
  LaunchDependents();
  AwaitPrimary();
  const int64_t at = blockIdx.x * p.size;
  NormRow<T, N, kThreads>(static_cast<const T*>(p.in) + at, static_cast<const T*>(p.weight), p.size,
                          p.epsilon, sums, static_cast<T*>(p.out) + at);
}

}  // namespace

void RmsNorm(const RmsNormParams& p, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  ForType(p.type, [&](auto element) {
    using T = decltype(element);
    constexpr int kPack = 16 / sizeof(T);
    const dim3 grid(static_cast<unsigned>(p.num_rows));
    if (p.size % kPack == 0 && IsAligned(p.in, 16) && IsAligned(p.weight, 16) &&
        IsAligned(p.out, 16)) {
      LaunchEarly<RmsNormKernel<T, kPack>>(grid, kThreads, 0, stream, p,
                                           "Linear: launch of the norm");
    } else {
      LaunchEarly<RmsNormKernel<T, 1>>(grid, kThreads, 0, stream, p, "Linear: launch of the norm");
    }
  });
}

}  // namespace cacheblend::cuda
