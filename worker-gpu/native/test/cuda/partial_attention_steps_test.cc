#include "test/cuda/partial_attention_check.h"

// Steps of many keys, rows and sequences.
namespace cacheblend::cuda {
namespace {

INSTANTIATE_TEST_SUITE_P(Types, PartialAttentionTypeTest,
                         testing::Values(ElementType::kFloat32, ElementType::kFloat16,
                                         ElementType::kBFloat16),
                         [](const testing::TestParamInfo<ElementType>& info) {
                           return Name(info.param);
                         });

// Scores in the hundreds: few weights are nonzero and the maximum changes often.
TEST_P(PartialAttentionTypeTest, LargeScores) {
  const PagedStep step({1, 4, 64, 0, GetParam()}, {Range(0, 150), {700}}, 30.0f);
  const std::vector<float> reference = step.Run(PartialAttentionReference);
  const std::vector<float> out = step.Run(PartialAttention);
  for (size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], reference[i], 3e-2f) << i;
}

TEST_P(PartialAttentionTypeTest, ManyKeys) {
  CheckStep(PagedStep({1, 4, 64, 0, GetParam()}, {Scattered(6000, 0.004, 2)}));
  CheckStep(PagedStep({1, 4, 128, 4096, GetParam()}, {{5000}, {4999, 5000}}));
}

// More sequences than lanes of a warp.
TEST_P(PartialAttentionTypeTest, ManySequences) {
  std::vector<std::vector<int64_t>> positions;
  for (int s = 0; s < 300; ++s) {
    positions.push_back(s % 3 == 0 ? Range(s, 2 * s + 1) : std::vector<int64_t>{5 * s});
  }
  CheckStep(PagedStep({1, 2, 64, 0, GetParam()}, positions));
  for (auto& sequence : positions) sequence = {sequence.back()};
  CheckStep(PagedStep({2, 4, 64, 0, GetParam()}, positions));
}

// Long and short decoding sequences, several items each, beside prefills and blends.
TEST_P(PartialAttentionTypeTest, MixedSteps) {
  for (int64_t window : {0, 1000}) {
    SCOPED_TRACE("window " + std::to_string(window));
    std::vector<std::vector<int64_t>> positions;
    for (int64_t end : {3000, 64, 65, 1, 700, 5000, 128, 40, 2500}) positions.push_back({end - 1});
    CheckStep(PagedStep({2, 4, 64, window, GetParam()}, positions));
    positions.push_back(Range(0, 150));
    positions.push_back({1200, 1300, 1999});
    positions.push_back(Scattered(900, 0.2, 8));
    positions.push_back({2000, 2001});
    CheckStep(PagedStep({2, 4, 64, window, GetParam()}, positions));
    CheckStep(PagedStep({1, 8, 128, window, GetParam()}, positions));
    CheckStep(PagedStep({1, 2, 256, window, GetParam(), 50}, positions));
  }
}

// RMS difference of at most twice the rounding unit.
void ExpectNearReference(const PagedStep& step) {
  const ElementType type = step.shape().type;
  const double unit = type == ElementType::kFloat32   ? 1e-6
                      : type == ElementType::kFloat16 ? std::ldexp(1, -11)
                                                      : std::ldexp(1, -8);
  const std::vector<float> reference = step.Run(PartialAttentionReference);
  const std::vector<float> out = step.Run(PartialAttention);
  double difference = 0, size = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    difference += (double{out[i]} - reference[i]) * (double{out[i]} - reference[i]);
    size += double{reference[i]} * reference[i];
  }
  EXPECT_LE(std::sqrt(difference / size), 2 * unit);
}

// Enough rows to fill a GPU several times: no splits, several tiles per thread block.
TEST_P(PartialAttentionTypeTest, ManyRows) {
  const ElementType type = GetParam();
  ExpectNearReference(PagedStep({8, 4, 64, 0, type}, {Range(0, 700), Scattered(2000, 0.2, 32)}));
  ExpectNearReference(PagedStep({8, 4, 128, 0, type}, {Range(0, 2500)}));
  ExpectNearReference(PagedStep({4, 2, 256, 0, type}, {Range(0, 2500)}));
  ExpectNearReference(PagedStep({3, 7, 80, 300, type}, {Scattered(6000, 0.4, 32)}));
}

}  // namespace
}  // namespace cacheblend::cuda
