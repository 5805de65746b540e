#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/cuda/gated_tiles_plan.h"
#include "kernels/cuda/linear.h"
#include "kernels/cuda/sm90.cuh"
#include "kernels/cuda/wgmma.cuh"

// What is where in a thread block's threads and shared memory, and which tile it computes.
namespace cacheblend::cuda::tiles {

inline constexpr int kWarpgroup = 128, kConsumers = 2 * kWarpgroup,
                     kThreads = kConsumers + kWarpgroup;
inline constexpr int kGroupRows = kTileRows / 2;  // of a warpgroup
inline constexpr int kUnitColumns = 16;           // of y, that are written together
inline constexpr int kGroupSync = 1;              // named barrier; + warpgroup: its threads

struct TileLaunch {
  // Boxes: kGroupRows rows; the weights of a tile's columns, gate or gated; a unit of kGroupRows
  // rows.
  CUtensorMap x, weight, y;
  LinearParams params;
  int row_tiles, column_tiles, depth;
};

template <typename Element, int kTileColumns, TilePair kTilePair>
struct Layout {
  using T = Element;
  static constexpr int kColumns = kTileColumns, kUnits = kColumns / kUnitColumns;
  static constexpr int kWeights = 2 * kColumns;  // rows of them: gate, then gated
  static constexpr TilePair kPair = kTilePair;
  static constexpr int kGroupRowBytes = kGroupRows * kPanelRowBytes;
  static constexpr int kHalfBytes = kColumns * kPanelRowBytes;  // of the weights
  static constexpr int kStageBytes = 2 * kGroupRowBytes + 2 * kHalfBytes;
  static constexpr int kUnitRowBytes = 2 * kUnitColumns;
  static constexpr int kUnitBytes = kGroupRows * kUnitRowBytes;
  static constexpr int kResultBytes = 2 * kUnits * kUnitBytes;
  static constexpr int kAlignment = 1024;
  static constexpr int kMostBytes = 227 << 10, kBarrierBytes = 128;
  // Stages, results, barriers.
  static constexpr int kStages =
      (kMostBytes - kAlignment - kBarrierBytes - kResultBytes) / kStageBytes;
  static constexpr int kResultAt = kStages * kStageBytes;
  static constexpr int kBarriersAt = kResultAt + kResultBytes;
  static constexpr int kBytes = kBarriersAt + kBarrierBytes + kAlignment;
  static_assert(2 * kStages * 8 <= kBarrierBytes);
  static_assert(kHalfBytes % kAlignment == 0 && kColumns % kUnitColumns == 0);
};

// Shared addresses.
template <typename L>
struct Shared {
  uint32_t base;
  __device__ uint32_t Rows(int stage, int half) const {
    return base + stage * L::kStageBytes + half * L::kGroupRowBytes;
  }
  __device__ uint32_t Weights(int stage, int half) const {
    return Rows(stage, 2) + half * L::kHalfBytes;
  }
  __device__ uint32_t Result(int group, int unit) const {
    return base + L::kResultAt + (group * L::kUnits + unit) * L::kUnitBytes;
  }
  __device__ uint32_t Full(int stage) const { return base + L::kBarriersAt + 8 * stage; }
  __device__ uint32_t Empty(int stage) const { return Full(L::kStages + stage); }
};

// The stage that is used next, and the parity of its barriers' phase.
template <typename L>
struct Stage {
  int index = 0;
  uint32_t parity = 0;
  __device__ void Advance() {
    if (++index < L::kStages) return;
    index = 0;
    parity ^= 1;
  }
};

struct Tile {
  int row_tile, column_tile;
};

// The thread block's `round`-th tile; false past the last. Row tiles of a band, which a cache may
// hold, go past one tile of the weights after the other. One tile of a pair may lie outside.
template <typename L>
__device__ bool NextTile(const TileLaunch& args, int round, Tile* tile) {
  constexpr int kBandTiles = 16;
  constexpr bool kRowPairs = L::kPair == TilePair::kRows;
  const int rows = kRowPairs ? (args.row_tiles + 1) / 2 : args.row_tiles;
  const int columns = kRowPairs ? args.column_tiles : (args.column_tiles + 1) / 2;
  const int pair = (blockIdx.x + round * gridDim.x) / 2;
  if (pair >= rows * columns) return false;
  constexpr int kBand = kRowPairs ? kBandTiles / 2 : kBandTiles;
  const int band = pair / (kBand * columns), in_band = pair % (kBand * columns);
  const int band_rows = min(kBand, rows - band * kBand);
  tile->row_tile = band * kBand + in_band % band_rows;
  tile->column_tile = in_band / band_rows;
  int& paired = kRowPairs ? tile->row_tile : tile->column_tile;
  paired = 2 * paired + ClusterRank();
  return true;
}

}  // namespace cacheblend::cuda::tiles
