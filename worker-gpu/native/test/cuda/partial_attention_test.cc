#include <tuple>

#include "test/cuda/partial_attention_check.h"

// Shapes of heads and sequences.
namespace cacheblend::cuda {
namespace {

using Case = std::tuple<ElementType, int>;  // head size

class PartialAttentionTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }

  StepShape Shape(int kv_heads, int group, int64_t window) const {
    return {kv_heads, group, std::get<1>(GetParam()), window, std::get<0>(GetParam())};
  }
};

TEST_P(PartialAttentionTest, SequencesOfManySizes) {
  for (int group : {1, 4}) {
    for (int64_t window : {0, 24, 100}) {
      SCOPED_TRACE("group " + std::to_string(group) + ", window " + std::to_string(window));
      CheckStep(PagedStep(Shape(2, group, window), {Range(0, 70),
                                                    {500},
                                                    Scattered(300, 0.15, 8),
                                                    {0},
                                                    Range(60, 130),
                                                    {3, 63, 64, 65, 127, 128, 129, 400}}));
      if (HasFailure()) return;
    }
  }
}

TEST_P(PartialAttentionTest, EndsAroundBlocks) {
  for (int64_t length : {1, 2, 63, 64, 65, 127, 128, 129, 191, 192, 193}) {
    SCOPED_TRACE("length " + std::to_string(length));
    CheckStep(PagedStep(Shape(1, 2, 0), {Range(0, length)}));
    CheckStep(PagedStep(Shape(2, 2, 65), {{length - 1}}));
    if (HasFailure()) return;
  }
}

// Group sizes that do not divide a tile, or that exceed a small tile.
TEST_P(PartialAttentionTest, Groups) {
  for (int group : {2, 7, 8, 20}) {
    for (int64_t window : {0, 64}) {
      SCOPED_TRACE("group " + std::to_string(group) + ", window " + std::to_string(window));
      CheckStep(PagedStep(Shape(2, group, window), {Scattered(200, 0.2, 10), {130}}));
      if (HasFailure()) return;
    }
  }
}

// Changing one value changes the rows that see it, and no bit of other rows.
template <typename Launch>
void ExpectRowsSeeExactlyTheirKeys(PagedStep* step, const Launch& launch) {
  const StepShape& shape = step->shape();
  constexpr int kColumn = 5;
  const std::vector<float> before = step->Run(launch);
  for (int64_t position : {0, 40, 63, 64, 127, 128, 150, 199}) {
    const float value = step->Value(0, 1, position, kColumn);
    step->SetValue(0, 1, position, kColumn, 3e4f);
    const std::vector<float> after = step->Run(launch);
    step->SetValue(0, 1, position, kColumn, value);
    for (int64_t i = 0; i < static_cast<int64_t>(after.size()); ++i) {
      const int64_t row = i / shape.RowSize(), head = i % shape.RowSize() / shape.head_size;
      const bool sees = position <= step->Position(row) && position >= step->FirstKey(row);
      const bool reached = sees && head / shape.group == 1 && i % shape.head_size == kColumn;
      ASSERT_EQ(after[i] != before[i], reached)
          << "value at " << position << ", row at " << step->Position(row) << ", head " << head;
    }
  }
}

TEST_P(PartialAttentionTest, RowsSeeExactlyTheirKeys) {
  for (int64_t window : {0, 50}) {
    SCOPED_TRACE("window " + std::to_string(window));
    PagedStep step(Shape(2, 2, window), {Scattered(200, 0.3, 3)});
    ExpectRowsSeeExactlyTheirKeys(&step, PartialAttention);
    if (step.shape().type == ElementType::kFloat32) continue;
    ForEachPlan(step, [&](const auto& launch) { ExpectRowsSeeExactlyTheirKeys(&step, launch); });
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PartialAttentionTest,
                         testing::Combine(testing::Values(ElementType::kFloat32,
                                                          ElementType::kFloat16,
                                                          ElementType::kBFloat16),
                                          testing::Values(8, 16, 24, 64, 80, 96, 128, 136, 256)),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(Name(std::get<0>(info.param))) + "_head" +
                                  std::to_string(std::get<1>(info.param));
                         });

TEST(PartialAttentionHeadSizeTest, RejectsUnsupportedSizes) {
  EXPECT_EQ(UnsupportedHeadSize(ElementType::kBFloat16, 80), nullptr);
  EXPECT_EQ(UnsupportedHeadSize(ElementType::kBFloat16, 256), nullptr);
  EXPECT_NE(UnsupportedHeadSize(ElementType::kBFloat16, 264), nullptr);
  EXPECT_NE(UnsupportedHeadSize(ElementType::kFloat16, 20), nullptr);
  EXPECT_EQ(UnsupportedHeadSize(ElementType::kFloat32, 250), nullptr);
  EXPECT_NE(UnsupportedHeadSize(ElementType::kFloat32, 7), nullptr);
}

}  // namespace
}  // namespace cacheblend::cuda
