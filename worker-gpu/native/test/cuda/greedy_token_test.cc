#include "kernels/cuda/greedy_token.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "test/cuda/device.h"

namespace cacheblend::cuda {
namespace {

class CudaGreedyTokenTest : public testing::TestWithParam<ElementType> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  std::vector<int64_t> Run(const std::vector<float>& logits, int64_t rows) const {
    std::vector<char> encoded(logits.size() * ElementBytes(GetParam()));
    for (size_t i = 0; i < logits.size(); ++i) Encode(GetParam(), logits[i], encoded.data(), i);
    const DeviceArray<char> in(encoded);
    const DeviceArray<int64_t> out(std::vector<int64_t>(rows, -7)),
        copy(std::vector<int64_t>(rows, -7));
    GreedyToken({in.data(), rows, static_cast<int64_t>(logits.size()) / rows, GetParam(),
                 out.data(), copy.data()},
                nullptr);
    Check(cudaDeviceSynchronize(), "GreedyToken");
    EXPECT_EQ(out.ToHost(), copy.ToHost());
    return out.ToHost();
  }
};

TEST_P(CudaGreedyTokenTest, LargestLogitAndLowerIndexOfTies) {
  std::mt19937 random(20261125);
  for (const int64_t size : {1, 2, 31, 1000, 1024, 32000, 32003}) {
    std::uniform_int_distribution<int> few(-9, 9);  // many ties
    std::vector<float> logits(3 * size);
    for (float& x : logits) x = static_cast<float>(few(random));
    std::vector<int64_t> expected;
    for (int64_t row = 0; row < 3; ++row) {
      const auto begin = logits.begin() + row * size;
      expected.push_back(std::max_element(begin, begin + size) - begin);
    }
    EXPECT_EQ(expected, Run(logits, 3)) << size;
  }
}

// One invalid logit in one row, with packed and with single loads.
TEST_P(CudaGreedyTokenTest, ANaNOrInfiniteLogitGivesMinusOne) {
  for (const int64_t size : {5000, 5001}) {
    for (const float invalid : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
      for (const int64_t at : {int64_t{0}, int64_t{3}, int64_t{4000}, size - 1}) {
        std::vector<float> logits(2 * size, -3);
        logits[4321] = logits[size + 4321] = -2;
        logits[at] = invalid;
        EXPECT_EQ((std::vector<int64_t>{-1, 4321}), Run(logits, 2)) << invalid << " at " << at;
      }
    }
  }
}

TEST_P(CudaGreedyTokenTest, RowsWithoutAFiniteLogitGiveMinusOne) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(std::vector<int64_t>{-1}, Run(std::vector<float>(5000, std::nanf("")), 1));
  std::vector<float> logits(5000, -infinity);
  EXPECT_EQ(std::vector<int64_t>{-1}, Run(logits, 1));
  logits[4321] = -2;
  EXPECT_EQ(std::vector<int64_t>{4321}, Run(logits, 1));
}

INSTANTIATE_TEST_SUITE_P(Types, CudaGreedyTokenTest,
                         testing::Values(ElementType::kFloat32, ElementType::kFloat16,
                                         ElementType::kBFloat16));

}  // namespace
}  // namespace cacheblend::cuda
