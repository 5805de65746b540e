#include "kernels/cuda/gated_tiles_plan.h"

#include <gtest/gtest.h>

namespace cacheblend::cuda {
namespace {

constexpr int kMultiprocessors = 132;

TEST(GatedTilesPlanTest, PairsCoverAllTiles) {
  // 5 row tiles, the last alone; 8 tiles of 128 columns, or 9 of 112.
  const TiledProduct product = {600, 4096, 1000};
  EXPECT_EQ(3 * 8, product.Pairs({TilePair::kRows, 128}));
  EXPECT_EQ(3 * 9, product.Pairs({TilePair::kRows, 112}));
  EXPECT_EQ(5 * 4, product.Pairs({TilePair::kColumns, 128}));
  EXPECT_EQ(5 * 5, product.Pairs({TilePair::kColumns, 112}));
}

TEST(GatedTilesPlanTest, AnOddNumberOfRowTilesIsPairedByColumns) {
  EXPECT_EQ(TilePair::kColumns, PlanTiles({640, 4096, 14336}, kMultiprocessors).pair);
  EXPECT_EQ(TilePair::kRows, PlanTiles({8192, 4096, 14336}, kMultiprocessors).pair);
}

TEST(GatedTilesPlanTest, TheSizeOfTilesLeavesNoLastWaveOfAFew) {
  // 280 pairs of 128 columns take five rounds of 66, as do 320 smaller ones of 112.
  EXPECT_EQ(112, PlanTiles({640, 4096, 14336}, kMultiprocessors).columns);
  // One pair of tiles, as wide as it needs to be: 66 of each size, in one round.
  EXPECT_EQ(112, PlanTiles({256, 4096, 66 * 112}, kMultiprocessors).columns);
  EXPECT_EQ(128, PlanTiles({256, 4096, 66 * 128}, kMultiprocessors).columns);
}

}  // namespace
}  // namespace cacheblend::cuda
