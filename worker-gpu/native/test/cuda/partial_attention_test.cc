#include "kernels/cuda/partial_attention.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "kernels/cuda/partial_attention_plan.h"
#include "test/cuda/partial_attention_step.h"

namespace cacheblend::cuda {
namespace {

const char* Name(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return "fp32";
    case ElementType::kFloat16:
      return "fp16";
    case ElementType::kBFloat16:
      return "bf16";
  }
  return "";
}

// Output of a step in double precision, and by a low-precision baseline that rounds scores, weights
// and output to the element type.
struct Expected {
  std::vector<double> exact;
  std::vector<float> plain;
};

void AttendHead(const PagedStep& step, int64_t row, int head, Expected* expected) {
  const StepShape& shape = step.shape();
  const int s = step.SequenceOf(row), kv_head = head / shape.group;
  const int64_t first = step.FirstKey(row), count = step.Position(row) + 1 - first;
  std::vector<double> exact(count);
  std::vector<float> plain(count);
  for (int64_t i = 0; i < count; ++i) {
    double dot = 0;
    for (int d = 0; d < shape.head_size; ++d) {
      dot += double{step.Query(row, head, d)} * step.Key(s, kv_head, first + i, d);
    }
    exact[i] = step.Score(dot);
    plain[i] = Rounded(shape.type, static_cast<float>(step.Score(dot)));
  }
  const double maximum = *std::max_element(exact.begin(), exact.end());
  const float plain_maximum = *std::max_element(plain.begin(), plain.end());
  double sum = 0;
  float plain_sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += exact[i] = std::exp(exact[i] - maximum);
    plain_sum += plain[i] = std::exp(plain[i] - plain_maximum);
  }
  for (int d = 0; d < shape.head_size; ++d) {
    double out = 0;
    float plain_out = 0;
    for (int64_t i = 0; i < count; ++i) {
      const float value = step.Value(s, kv_head, first + i, d);
      out += exact[i] / sum * value;
      plain_out += Rounded(shape.type, plain[i] / plain_sum) * value;
    }
    expected->exact.push_back(out);
    expected->plain.push_back(Rounded(shape.type, plain_out));
  }
}

Expected Expect(const PagedStep& step) {
  Expected expected;
  for (int64_t row = 0; row < step.Rows(); ++row) {
    for (int head = 0; head < step.shape().Heads(); ++head) {
      AttendHead(step, row, head, &expected);
    }
  }
  return expected;
}

struct Errors {
  double largest = 0, squares = 0;
};

template <typename Out>
Errors ErrorsOf(const std::vector<Out>& out, const std::vector<double>& exact) {
  Errors errors;
  for (size_t i = 0; i < exact.size(); ++i) {
    const double error = std::abs(out[i] - exact[i]);
    // Keeps NaN.
    errors.largest = errors.largest >= error ? errors.largest : error;
    errors.squares += error * error;
  }
  return errors;
}

// At most twice the error of the low-precision baseline, in RMS and at maximum.
void ExpectAccurate(const std::vector<float>& out, const Expected& expected) {
  ASSERT_EQ(out.size(), expected.exact.size());
  const Errors errors = ErrorsOf(out, expected.exact);
  const Errors plain = ErrorsOf(expected.plain, expected.exact);
  EXPECT_LE(errors.largest, 2 * plain.largest + 2e-6);
  EXPECT_LE(std::sqrt(errors.squares),
            2 * std::sqrt(plain.squares) + 1e-6 * std::sqrt(static_cast<double>(out.size())));
}

// Rounding of the output to nearest, plus fp32 accumulation. A soft cap multiplies the error of
// tanh.
double ReferenceTolerance(ElementType type, float soft_cap, double exact) {
  const double unit = type == ElementType::kBFloat16  ? std::ldexp(1, -8)
                      : type == ElementType::kFloat16 ? std::ldexp(1, -11)
                                                      : 0;
  return unit * std::abs(exact) + 4e-6 * (1 + std::abs(exact)) + 5e-7 * soft_cap;
}

void ExpectReferenceAccurate(const std::vector<float>& out, const Expected& expected,
                             const StepShape& shape) {
  ASSERT_EQ(out.size(), expected.exact.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const double exact = expected.exact[i];
    ASSERT_TRUE(std::abs(out[i] - exact) <= ReferenceTolerance(shape.type, shape.soft_cap, exact))
        << "element " << i << ": " << out[i] << ", expected " << exact;
  }
}

// The chosen plan and all others that this GPU supports.
std::vector<AttentionPlan> Plans(const PagedStep& step) {
  const PartialAttentionParams params = step.Params();
  const GpuTraits gpu = CurrentGpu();
  std::vector<AttentionPlan> plans = {PlanAttention(params, gpu)};
  for (AttentionKernel kernel :
       {AttentionKernel::kMma, AttentionKernel::kDecode, AttentionKernel::kSm90}) {
    if (kernel == AttentionKernel::kSm90 && !CanRunSm90(params, gpu)) continue;
    for (int splits : {1, 2, 3, 40}) {
      if (splits <= MaxSplits(params)) plans.push_back({kernel, splits});
    }
  }
  return plans;
}

template <typename Body>
void ForEachPlan(const PagedStep& step, const Body& body) {
  for (const AttentionPlan& plan : Plans(step)) {
    SCOPED_TRACE("kernel " + std::to_string(static_cast<int>(plan.kernel)) + ", splits " +
                 std::to_string(plan.splits));
    body([&](const PartialAttentionParams& params, cudaStream_t stream) {
      RunPlan(params, plan, stream);
    });
    if (testing::Test::HasFailure()) return;
  }
}

// PartialAttention where the host knows the rows.
void AttendBatch(const PagedStep& step, PartialAttentionParams params, cudaStream_t stream) {
  params.rows = step.HostRows().data();
  PartialAttention(params, stream);
}

void CheckStep(const PagedStep& step) {
  const Expected expected = Expect(step);
  ExpectAccurate(step.Run([&](const PartialAttentionParams& params, cudaStream_t stream) {
    AttendBatch(step, params, stream);
  }),
                 expected);
  ExpectReferenceAccurate(step.Run(PartialAttentionReference), expected, step.shape());
  ExpectAccurate(step.Run(PartialAttention), expected);
  if (step.shape().type == ElementType::kFloat32) return;
  ForEachPlan(step, [&](const auto& launch) { ExpectAccurate(step.Run(launch), expected); });
}

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

class PartialAttentionTypeTest : public testing::TestWithParam<ElementType> {
 protected:
  void SetUp() override { SKIP_WITHOUT_GPU(); }
};

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

// Caps below, around and far above the scores, which have a standard deviation of 4; all kernels.
TEST_P(PartialAttentionTypeTest, SoftCap) {
  for (int head_size : {64, 256}) {
    for (float cap : {0.5f, 5.0f, 50.0f}) {
      SCOPED_TRACE("head size " + std::to_string(head_size) + ", cap " + std::to_string(cap));
      CheckStep(PagedStep({2, 2, head_size, 100, GetParam(), cap},
                          {Range(0, 70), {700}, Scattered(400, 0.15, 4), {0}}, 4.0f));
      CheckStep(PagedStep({1, 4, head_size, 0, GetParam(), cap}, {Range(0, 300)}, 4.0f));
      if (HasFailure()) return;
    }
  }
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

TEST(PartialAttentionPlanTest, DependsOnRowsAndGpu) {
  PartialAttentionParams params = {};
  params.kv.num_kv_heads = 8;
  params.num_heads = 32;
  params.num_sequences = 1;
  params.num_rows = 1;
  params.position_end = 16384;
  const GpuTraits hopper = {132, true}, other = {108, false};
  EXPECT_EQ(PlanAttention(params, hopper).kernel, AttentionKernel::kDecode);
  EXPECT_GE(PlanAttention(params, hopper).splits, 16);
  params.num_rows = 32;
  EXPECT_EQ(PlanAttention(params, hopper).kernel, AttentionKernel::kSm90);
  EXPECT_EQ(PlanAttention(params, other).kernel, AttentionKernel::kMma);
  EXPECT_EQ(PlanAttention(params, hopper).splits, 16);
  params.position_end = 256;
  EXPECT_EQ(PlanAttention(params, hopper).splits, 1);
  params.num_rows = params.position_end = 4096;
  EXPECT_EQ(PlanAttention(params, hopper).splits, 1);
}

// Every key block of every sequence with few rows is in exactly one item; partial results do not
// overlap; items are of similar size.
TEST(PartialAttentionPlanTest, ItemsDivideTheKeys) {
  PartialAttentionParams params = {};
  params.kv.num_kv_heads = 8;
  params.num_heads = 32;
  const GpuTraits hopper = {132, true};
  for (const int64_t window : {0, 1000}) {
    for (const int count : {1, 2, 7, 32, 64, 300, 1000}) {
      SCOPED_TRACE(std::to_string(count) + " sequences, window " + std::to_string(window));
      std::vector<SequenceRows> rows;
      for (int s = 0; s < count; ++s) {
        rows.push_back({s % 5 == 4 ? 40 : 1 + s % 4, 1 + int64_t{s} * 1777 % 9000});
        rows.back().position_end = std::max(rows.back().position_end, rows.back().count);
      }
      params.window = window;
      params.rows = rows.data();
      params.num_sequences = count;
      params.num_rows = 0;
      for (const SequenceRows& r : rows) params.num_rows += r.count;
      const BatchPlan plan = PlanBatch(params, hopper);
      std::vector<std::vector<int>> covered(count);  // times, by key block
      std::vector<int> parts(count), partials(1 << 20);
      int64_t blocks = 0, longest = 0;
      for (int s = 0; s < count; ++s) covered[s].resize((rows[s].position_end + 63) / 64);
      for (const AttentionItem& item : plan.items) {
        ASSERT_LT(item.first_block, item.end_block);
        blocks += item.end_block - item.first_block;
        longest = std::max<int64_t>(longest, item.end_block - item.first_block);
        for (int b = item.first_block; b < item.end_block; ++b) ++covered[item.sequence].at(b);
        ++parts[item.sequence];
        if (item.partial < 0) continue;
        for (int i = 0; i < rows[item.sequence].count * 32; ++i) ++partials.at(item.partial + i);
      }
      for (int s = 0; s < count; ++s) {
        const int64_t first = window > 0 && rows[s].count == 1
                                  ? std::max<int64_t>(0, rows[s].position_end - window) / 64
                                  : 0;
        for (int64_t b = 0; b < static_cast<int64_t>(covered[s].size()); ++b) {
          ASSERT_EQ(rows[s].count <= 4 && b >= first ? 1 : 0, covered[s][b]) << s << ", " << b;
        }
      }
      size_t merged = 0;
      for (const AttentionMerge& merge : plan.merges) {
        ASSERT_GT(merge.count, 1);
        ASSERT_EQ(parts[merge.sequence], merge.count);
        const int64_t size = merge.count * rows[merge.sequence].count * 32;
        for (int i = 0; i < size; ++i) ASSERT_EQ(1, partials.at(merge.first_partial + i));
        merged += size;
      }
      size_t used = 0;
      for (const int times : partials) used += times;
      EXPECT_EQ(merged, used);
      EXPECT_LE(used, 32768u);
      EXPECT_EQ(count / 5 > 0, plan.other_tiles > 0);
      // No item takes much longer than an even share, unless partial results fill their memory.
      if (used < 16384) {
        EXPECT_LE(longest, std::max<int64_t>(4, blocks * 8 / 264));
      }
    }
  }
}

// They balance without being divided, and then need no merge.
TEST(PartialAttentionPlanTest, SequencesOfSimilarLengthThatFillTheGpuStayWhole) {
  PartialAttentionParams params = {};
  params.kv.num_kv_heads = 8;
  params.num_heads = 32;
  const GpuTraits hopper = {132, true};
  const auto items = [&](int count, int64_t spread) {
    std::vector<SequenceRows> rows;
    for (int s = 0; s < count; ++s) rows.push_back({1, 3100 + s * spread});
    params.rows = rows.data();
    params.num_rows = params.num_sequences = count;
    const BatchPlan plan = PlanBatch(params, hopper);
    EXPECT_EQ(plan.items.size() == static_cast<size_t>(count), plan.merges.empty());
    return plan.items.size();
  };
  EXPECT_EQ(32u, items(32, 4));
  EXPECT_LT(32u, items(32, 200));
  EXPECT_LT(16u, items(16, 0));
  EXPECT_LT(40u, items(40, 0));  // whole, a second round would leave most of the GPU idle
}

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
