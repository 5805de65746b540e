#pragma once

#include <cstdint>

namespace cacheblend::cuda {

// A gated product in tiles of rows and columns. The weights of a tile's columns are as many rows of
// the gate and of what it gates.
inline constexpr int kTileRows = 128, kTileDepth = 64;

// Two thread blocks compute tiles that lie beside each other, and each fetches half of what both
// need.
enum class TilePair {
  kRows,     // tiles of other rows: the weights are shared
  kColumns,  // tiles of other columns: the rows are shared
};

struct TilePlan {
  TilePair pair;
  int columns;  // of a tile: 128 or 112
};

struct TiledProduct {
  int64_t num_rows, in_size, out_size;

  int64_t RowTiles() const { return (num_rows + kTileRows - 1) / kTileRows; }
  int64_t ColumnTiles(int columns) const { return (out_size + columns - 1) / columns; }
  int64_t Depth() const { return (in_size + kTileDepth - 1) / kTileDepth; }
  int64_t Pairs(const TilePlan& plan) const;
};

// The plan that takes the least time by the model in gated_tiles_plan.cc. The same for the same
// product on the same kind of GPU, so that sums are always rounded alike.
TilePlan PlanTiles(const TiledProduct& product, int multiprocessors);

}  // namespace cacheblend::cuda
