#include "kernels/cuda/gated_tiles_plan.h"

#include <algorithm>
#include <iterator>

namespace cacheblend::cuda {

namespace {

// Tensor cores take so many cycles for a column and kTileDepth of depth; as many bytes a cycle come
// to each multiprocessor from the second-level cache where all ask at once.
constexpr double kCyclesPerColumn = 8, kBytesPerCycle = 32;
// Until tensor cores work on the next tile.
constexpr double kTileCycles = 1500;

int64_t CeilDivide(int64_t a, int64_t b) { return (a + b - 1) / b; }

double Cycles(const TiledProduct& product, const TilePlan& plan, int multiprocessors) {
  const bool rows_shared = plan.pair == TilePair::kColumns;
  const double fetched_rows =
      rows_shared ? kTileRows / 2 + 2 * plan.columns : kTileRows + plan.columns;
  const double depth_cycles =
      std::max(plan.columns * kCyclesPerColumn, fetched_rows * 2 * kTileDepth / kBytesPerCycle);
  const int64_t waves = CeilDivide(product.Pairs(plan), std::max(1, multiprocessors / 2));
  return waves * (product.Depth() * depth_cycles + kTileCycles);
}

}  // namespace

int64_t TiledProduct::Pairs(const TilePlan& plan) const {
  const int64_t rows = RowTiles(), columns_tiles = ColumnTiles(plan.columns);
  return plan.pair == TilePair::kRows ? CeilDivide(rows, 2) * columns_tiles
                                      : rows * CeilDivide(columns_tiles, 2);
}

TilePlan PlanTiles(const TiledProduct& product, int multiprocessors) {
  constexpr TilePlan kPlans[] = {{TilePair::kRows, 128},
                                 {TilePair::kRows, 112},
                                 {TilePair::kColumns, 128},
                                 {TilePair::kColumns, 112}};
  return *std::min_element(std::begin(kPlans), std::end(kPlans), [&](auto& a, auto& b) {
    return Cycles(product, a, multiprocessors) < Cycles(product, b, multiprocessors);
  });
}

}  // namespace cacheblend::cuda
