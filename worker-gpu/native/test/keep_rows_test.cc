#include "kernels/keep_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace cacheblend {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Rows whose rank is raised by an expansion, ascending.
std::vector<int64_t> Raised(std::vector<float> ranks, int64_t anchors, int64_t count,
                            bool reference = false) {
  const ExpandRowsParams params{ranks.data(), static_cast<int64_t>(ranks.size()), anchors, count};
  reference ? ExpandRowsReference(params) : ExpandRows(params);
  std::vector<int64_t> raised;
  for (size_t row = 0; row < ranks.size(); ++row) {
    if (ranks[row] == kInfinity) raised.push_back(row);
  }
  return raised;
}

std::vector<int64_t> Rows(int64_t first, int64_t end) {
  std::vector<int64_t> rows;
  for (int64_t row = first; row < end; ++row) rows.push_back(row);
  return rows;
}

std::vector<float> Flat(int64_t count) { return std::vector<float>(count, 0.001f); }

TEST(ExpandRowsTest, ASegmentGrowsToTheRightByEightTimesTheRootOfItsLength) {
  std::vector<float> one = Flat(100);
  one[10] = 1;
  EXPECT_EQ(Rows(10, 19), Raised(one, 1, 50));  // 8 rows
  std::vector<float> four = Flat(100);
  for (int row : {10, 12, 15, 18}) four[row] = 1;  // gaps of at most 3
  std::vector<int64_t> expected = {10, 12, 15};
  for (int64_t row : Rows(18, 35)) expected.push_back(row);  // 16 rows
  EXPECT_EQ(expected, Raised(four, 4, 50));
}

TEST(ExpandRowsTest, GrowthEndsAtAForcedRowAtTheEndAndAtTheBudget) {
  std::vector<float> ranks = Flat(30);
  ranks[4] = 1;
  ranks[8] = -1;
  EXPECT_EQ(Rows(4, 8), Raised(ranks, 1, 20));
  EXPECT_EQ(Rows(4, 6), Raised(ranks, 1, 2));
  ranks[4] = 0;
  ranks[27] = 1;
  EXPECT_EQ(Rows(27, 30), Raised(ranks, 1, 20));
}

TEST(ExpandRowsTest, TheSegmentWithTheHighestScoreGrowsFirst) {
  std::vector<float> ranks = Flat(60);
  ranks[5] = 2;
  ranks[30] = 3;
  std::vector<int64_t> expected = {5};
  for (int64_t row : Rows(30, 34)) expected.push_back(row);
  EXPECT_EQ(expected, Raised(ranks, 2, 5));
  // Equal scores: the lower row. Rows that are chosen already cost nothing.
  ranks[30] = 2;
  EXPECT_EQ((std::vector<int64_t>{5, 6, 7, 30}), Raised(ranks, 2, 4));
}

TEST(ExpandRowsTest, NoAnchorsRaiseNothing) { EXPECT_TRUE(Raised(Flat(9), 0, 5).empty()); }

TEST(ExpandRowsTest, NaNRanksAsInfinity) {
  std::vector<float> ranks = Flat(60);
  ranks[5] = ranks[40] = 9;
  ranks[20] = std::numeric_limits<float>::quiet_NaN();
  std::vector<int64_t> expected = {5};
  for (int64_t row : Rows(20, 24)) expected.push_back(row);
  expected.push_back(40);
  EXPECT_EQ(expected, Raised(ranks, 3, 6));
}

TEST(ExpandRowsTest, EqualsReference) {
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    const int64_t rows = 1 + random() % 400, count = random() % (rows + 1);
    std::vector<float> ranks(rows);
    for (float& rank : ranks) {
      rank = random() % 12 == 0 ? -1.0f : std::exp(-static_cast<float>(random() % 1000) / 100);
    }
    SCOPED_TRACE(testing::Message() << "round " << round << ", " << count << " of " << rows);
    const int64_t anchors = 3 * count / 4;
    EXPECT_EQ(Raised(ranks, anchors, count, true), Raised(ranks, anchors, count));
  }
}

std::vector<int64_t> Kept(const std::vector<float>& ranks, const std::vector<int64_t>& offsets,
                          const std::vector<int64_t>& counts, bool reference) {
  std::vector<int64_t> kept(ranks.size()), kept_offsets(offsets.size());
  const KeepRowsParams params{ranks.data(),  offsets.data(), static_cast<int64_t>(counts.size()),
                              counts.data(), kept.data(),    kept_offsets.data()};
  reference ? KeepRowsReference(params) : KeepRows(params);
  kept.resize(kept_offsets.back());
  kept.insert(kept.end(), kept_offsets.begin(), kept_offsets.end());
  return kept;
}

TEST(KeepRowsTest, EqualsReference) {
  std::mt19937 random(10);
  std::vector<float> ranks(300);
  for (float& rank : ranks) {
    rank = random() % 5 == 0 ? -1.0f : static_cast<float>(random() % 9);  // many ties
    if (random() % 20 == 0) rank = kInfinity;
  }
  for (int64_t count : {0, 1, 7, 60, 500}) {
    const std::vector<int64_t> offsets = {0, 1, 120, 300}, counts = {count, -1, count};
    EXPECT_EQ(Kept(ranks, offsets, counts, true), Kept(ranks, offsets, counts, false)) << count;
  }
}

}  // namespace
}  // namespace cacheblend
