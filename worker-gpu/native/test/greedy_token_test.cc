#include "kernels/greedy_token.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

class GreedyTokenTest : public testing::TestWithParam<Isa> {
 protected:
  static std::vector<int64_t> Run(const std::vector<float>& logits, int64_t rows) {
    std::vector<int64_t> out(rows, -7);
    const auto size = static_cast<int64_t>(logits.size()) / rows;
    GreedyToken({logits.data(), rows, size, out.data()}, TwoThreads(), GetParam());
    return out;
  }
};

INSTANTIATE_TEST_SUITE_P(Isas, GreedyTokenTest, testing::ValuesIn(SupportedIsas()));

TEST_P(GreedyTokenTest, EqualsReference) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> few(-9, 9);  // many ties
  for (const int64_t size : {1, 2, 15, 16, 17, 31, 1000, 32003}) {
    const int64_t rows = 3;
    std::vector<float> logits(rows * size);
    for (float& x : logits) x = static_cast<float>(few(random));
    std::vector<int64_t> expected(rows);
    GreedyTokenReference({logits.data(), rows, size, expected.data()});
    EXPECT_EQ(expected, Run(logits, rows)) << size;
  }
}

TEST_P(GreedyTokenTest, TiesGoToTheLowerIndex) {
  EXPECT_EQ(std::vector<int64_t>{1}, Run({-2, 5, 5, -1, 5}, 1));
}

// One such logit anywhere in the row, in a whole vector or in the remainder, and in no other row.
TEST_P(GreedyTokenTest, ANaNOrInfiniteLogitGivesMinusOne) {
  const int64_t size = 37;
  for (const float invalid : {kNaN, kInfinity}) {
    for (int64_t at = 0; at < size; ++at) {
      std::vector<float> logits(2 * size, -1);
      logits[20] = 3;
      logits[size + 20] = 3;
      logits[at] = invalid;
      EXPECT_EQ((std::vector<int64_t>{-1, 20}), Run(logits, 2)) << invalid << " at " << at;
    }
  }
}

TEST_P(GreedyTokenTest, RowsWithoutAFiniteLogitGiveMinusOne) {
  for (const float invalid : {kNaN, -kInfinity}) {
    EXPECT_EQ(std::vector<int64_t>{-1}, Run(std::vector<float>(37, invalid), 1)) << invalid;
  }
}

TEST_P(GreedyTokenTest, MinusInfinityIsAValidLogit) {
  std::vector<float> logits(37, -kInfinity);
  logits[30] = -1e30f;
  EXPECT_EQ(std::vector<int64_t>{30}, Run(logits, 1));
}

}  // namespace
}  // namespace cacheblend
