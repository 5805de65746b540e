#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/take_rows.h"

namespace cacheblend::cuda {

namespace {

constexpr int kThreads = 128;

// One thread block per row.
template <typename P>
__global__ void __launch_bounds__(kThreads)
    TakeRowsKernel(const __grid_constant__ TakeRowsParams p) {
  LaunchDependents();
  AwaitPrimary();
  const int64_t packs = p.size * sizeof(uint16_t) / sizeof(P), row = p.rows[blockIdx.x];
  const bool present = row >= 0 && row < p.table_rows;
  const P* from = static_cast<const P*>(p.table) + (present ? row : 0) * packs;
  P* to = static_cast<P*>(p.out) + blockIdx.x * packs;
#pragma unroll 4
  for (int64_t i = threadIdx.x; i < packs; i += kThreads) {
    to[i] = present ? from[i] : P{};
  }
}

}  // namespace

void TakeRows(const TakeRowsParams& p, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  const dim3 grid(static_cast<unsigned>(p.num_rows));
  constexpr char kWhat[] = "TakeRows: kernel launch";
  if (p.size % 8 == 0 && IsAligned(p.table, 16) && IsAligned(p.out, 16)) {
    LaunchEarly<TakeRowsKernel<uint4>>(grid, kThreads, 0, stream, p, kWhat);
  } else {
    LaunchEarly<TakeRowsKernel<unsigned short>>(grid, kThreads, 0, stream, p, kWhat);
  }
}

}  // namespace cacheblend::cuda
