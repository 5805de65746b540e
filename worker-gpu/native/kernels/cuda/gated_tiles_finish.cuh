#pragma once

#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/gated_tiles_layout.cuh"

// From sums to y: bias and gating, through shared memory, from where the copy engine writes it
// while the next tile is multiplied.
namespace cacheblend::cuda::tiles {

// Two columns in a row, in fp32.
struct Columns {
  float at[2];
};

template <typename T>
__device__ Columns BiasOf(const LinearParams& p, int64_t column, bool gated) {
  if (p.bias == nullptr || column >= p.out_size) return {};
  const T* bias = static_cast<const T*>(p.bias) + (gated ? p.out_size : 0) + column;
  return {ToFloat(bias[0]), ToFloat(bias[1])};
}

inline __device__ float Gated(float gate, float x) { return gate / (1 + __expf(-gate)) * x; }

// The thread's numbers of 8 columns, in its two rows.
template <typename L>
__device__ void StoreColumns(const LinearParams& p, const Tile& tile, int group, int eight,
                             const Shared<L>& shared, const float* gates, const float* xs) {
  using T = typename L::T;
  const int thread = threadIdx.x % kWarpgroup, lane = thread % 32;
  const int64_t column = int64_t{tile.column_tile} * L::kColumns + eight * 8 + lane % 4 * 2;
  const Columns gate_bias = BiasOf<T>(p, column, false), bias = BiasOf<T>(p, column, true);
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    Pack<T, 2> y;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const int at = 2 * half + i;
      y.at[i] = FromFloat<T>(Gated(gates[at] + gate_bias.at[i], xs[at] + bias.at[i]));
    }
    const int row = thread / 32 * 16 + half * 8 + lane / 4;
    const uint32_t piece = (eight % 2) ^ (row / 4 % 2);  // as the copy engine swizzles 32 bytes
    const uint32_t to = shared.Result(group, eight / 2) + row * L::kUnitRowBytes + piece * 16;
    asm volatile("st.shared.b32 [%0], %1;" ::"r"(to + lane % 4 * 4),
                 "r"(reinterpret_cast<const uint32_t&>(y))
                 : "memory");
  }
}

template <typename L>
__device__ void FinishTile(const TileLaunch& args, const Tile& tile, int group,
                           const Shared<L>& shared, const float (&sum)[L::kColumns]) {
  const bool leads = threadIdx.x % kWarpgroup == 0;
  if (leads) AwaitStoresRead();  // of the tile before
  SyncNamed(kGroupSync + group, kWarpgroup);
#pragma unroll
  for (int eight = 0; eight < L::kColumns / 8; ++eight) {
    StoreColumns<L>(args.params, tile, group, eight, shared, sum + 4 * eight,
                    sum + L::kColumns / 2 + 4 * eight);
  }
  FenceSharedStores();
  SyncNamed(kGroupSync + group, kWarpgroup);
  if (!leads) return;
  const int y = tile.row_tile * kTileRows + group * kGroupRows;
  for (int unit = 0; unit < L::kUnits; ++unit) {
    StoreBox(&args.y, tile.column_tile * L::kColumns + unit * kUnitColumns, y,
             shared.Result(group, unit));
  }
  CommitStores();
}

}  // namespace cacheblend::cuda::tiles
