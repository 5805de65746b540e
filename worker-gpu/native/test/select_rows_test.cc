#include "kernels/select_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "test/testing.h"

namespace cacheblend {
namespace {

struct Selection {
  std::vector<float> scores;
  std::vector<int64_t> rows, offsets;
};

Selection Select(SelectRowsParams params, int64_t num_rows, const std::vector<RowPair>& pairs,
                 bool reference, Isa isa) {
  Selection selection{std::vector<float>(num_rows), std::vector<int64_t>(num_rows),
                      std::vector<int64_t>(params.num_sequences + 1)};
  params.rows = pairs.data();
  params.scores = selection.scores.data();
  params.kept_rows = selection.rows.data();
  params.kept_row_offsets = selection.offsets.data();
  if (reference) {
    SelectRowsReference(params);
  } else {
    SelectRows(params, TwoThreads(), isa);
  }
  selection.rows.resize(selection.offsets.back());
  return selection;
}

// Kept rows of one sequence whose rows are single values compared with 0.
std::vector<int64_t> BestOf(const std::vector<float>& fresh, int64_t keep) {
  const float cached = 0;
  std::vector<RowPair> pairs;
  for (const float& value : fresh) pairs.push_back({&value, &cached});
  const auto num_rows = static_cast<int64_t>(fresh.size());
  const int64_t offsets[] = {0, num_rows};
  const SelectRowsParams params{nullptr, offsets, 1, &keep, 1, nullptr, nullptr, nullptr};
  return Select(params, num_rows, pairs, false, CurrentIsa()).rows;
}

TEST(SelectRowsTest, EqualsReference) {
  std::mt19937 random(4);
  for (Isa isa : SupportedIsas()) {
    for (int64_t row_size : {1, 16, 24, 33, 128, 1000}) {
      for (int64_t keep : {-1, 0, 1, 13, 40, 1000}) {
        SCOPED_TRACE(testing::Message()
                     << IsaName(isa) << ", row size " << row_size << ", keep " << keep);
        const std::vector<int64_t> offsets = {0, 1, 70, 75};
        const std::vector<int64_t> keeps = {keep, keep, 2};
        const int64_t num_rows = offsets.back();
        // Few distinct values, so that scores tie.
        std::vector<float> fresh(num_rows * row_size), cached(num_rows * row_size, 0.f);
        for (int64_t row = 0; row < num_rows; ++row) {
          std::fill_n(fresh.begin() + row * row_size, row_size, float(random() % 8));
        }
        std::vector<RowPair> pairs;
        for (int64_t row = 0; row < num_rows; ++row) {
          const bool forced = row == 74 || random() % 4 == 0;
          pairs.push_back({&fresh[row * row_size], forced ? nullptr : &cached[row * row_size]});
        }
        const SelectRowsParams params{nullptr,  offsets.data(), 3,       keeps.data(),
                                      row_size, nullptr,        nullptr, nullptr};
        const Selection actual = Select(params, num_rows, pairs, false, isa);
        const Selection expected = Select(params, num_rows, pairs, true, isa);
        EXPECT_EQ(expected.rows, actual.rows);
        EXPECT_EQ(expected.offsets, actual.offsets);
        EXPECT_EQ(expected.scores, actual.scores);  // small integers: sums are exact
      }
    }
  }
}

TEST(SelectRowsTest, ScoresOfRandomRowsAreCloseToReference) {
  std::mt19937 random(5);
  const int64_t row_size = 1029, num_rows = 40, keep = 7;
  const auto fresh = RandomFloats(num_rows * row_size, random);
  const auto cached = RandomFloats(num_rows * row_size, random);
  std::vector<RowPair> pairs;
  for (int64_t row = 0; row < num_rows; ++row) {
    pairs.push_back({&fresh[row * row_size], &cached[row * row_size]});
  }
  const int64_t offsets[] = {0, num_rows};
  const SelectRowsParams params{nullptr, offsets, 1, &keep, row_size, nullptr, nullptr, nullptr};
  const Selection expected = Select(params, num_rows, pairs, true, Isa::kBaseline);
  for (Isa isa : SupportedIsas()) {
    const Selection actual = Select(params, num_rows, pairs, false, isa);
    EXPECT_EQ(expected.rows, actual.rows);
    for (int64_t row = 0; row < num_rows; ++row) {
      EXPECT_NEAR(expected.scores[row], actual.scores[row], 1e-6 * expected.scores[row]);
    }
  }
}

TEST(SelectRowsTest, TiesGoToTheLowerRow) {
  const std::vector<float> fresh = {2, 3, 2, 9, 2, 3};
  EXPECT_EQ((std::vector<int64_t>{0, 1, 3, 5}), BestOf(fresh, 4));
}

TEST(SelectRowsTest, NaNRanksHighest) {
  std::vector<float> fresh(60);
  for (int i = 0; i < 60; ++i) fresh[i] = (i * 37) % 60;
  for (int i : {7, 31, 58}) fresh[i] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ((std::vector<int64_t>{7, 31, 58}), BestOf(fresh, 3));
}

}  // namespace
}  // namespace cacheblend
