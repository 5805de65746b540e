#include "kernels/probe_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/cpu/probe_attention.h"
#include "test/partial_attention_step.h"
#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Sequences with `queries` rows from position `key_end` on, and other rows before.
struct ProbeCase {
  int64_t key_end, queries, other_rows;
};

class ProbeStep {
 public:
  ProbeStep(const Shape& shape, const std::vector<ProbeCase>& cases, float query_size = 1.0f)
      : shape_(shape), cases_(cases) {
    std::mt19937 random(20261129);
    std::normal_distribution<float> normal(0.0f, query_size);
    for (const ProbeCase& c : cases) {
      for (int64_t i = 0; i < c.other_rows; ++i) positions_.push_back(i);
      first_rows_.push_back(positions_.size());
      for (int64_t i = 0; i < c.queries; ++i) positions_.push_back(c.key_end + i);
      kv_.emplace_back(shape, c.key_end + c.queries, &random);
    }
    q_.resize(positions_.size() * shape.kv_heads * shape.group * shape.head_size);
    for (float& x : q_) x = normal(random);
  }

  // Masses of all sequences, KV heads and positions below the stride; they start at 0.25.
  template <typename Kernel>
  std::vector<float> Run(const Kernel& kernel) {
    std::vector<std::vector<float>> masses;
    std::vector<KvLayerView> views;
    for (size_t s = 0; s < cases_.size(); ++s) {
      masses.emplace_back(shape_.kv_heads * Stride(s), 0.25f);
      views.push_back(kv_[s].View());
    }
    std::vector<ProbeSequence> probes;
    for (size_t s = 0; s < cases_.size(); ++s) {
      const ProbeCase& c = cases_[s];
      const float weight = 1.0f / static_cast<float>(c.queries * shape_.kv_heads * shape_.group);
      probes.push_back(
          {views[s], first_rows_[s], c.queries, c.key_end, weight, masses[s].data(), Stride(s)});
    }
    kernel(ProbeAttentionParams{
        q_.data(), positions_.data(), probes.data(), static_cast<int64_t>(probes.size()),
        shape_.kv_heads * shape_.group, shape_.kv_heads, shape_.head_size, shape_.window,
        1.0f / std::sqrt(static_cast<float>(shape_.head_size)), shape_.soft_cap});
    std::vector<float> all;
    for (const auto& m : masses) all.insert(all.end(), m.begin(), m.end());
    return all;
  }

  std::vector<float> RunOn(Isa isa, const ParallelFor& parallel = SerialFor()) {
    return Run(
        [&](const ProbeAttentionParams& params) { ProbeAttentionOn(isa, params, parallel); });
  }
  std::vector<float> RunReference() { return Run(ProbeAttentionReference); }

  Kv& Sequence(int64_t s) { return kv_[s]; }
  int64_t Stride(int64_t s) const { return cases_[s].key_end + 5; }

 private:
  Shape shape_;
  std::vector<ProbeCase> cases_;
  std::vector<int64_t> positions_, first_rows_;
  std::vector<Kv> kv_;
  std::vector<float> q_;
};

void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_TRUE(std::abs(actual[i] - expected[i]) <= 1e-5f * std::abs(expected[i]) + 1e-9f)
        << "element " << i << ": " << actual[i] << ", expected " << expected[i];
  }
}

class ProbeAttentionTest : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(Isas, ProbeAttentionTest, testing::ValuesIn(SupportedIsas()),
                         [](const testing::TestParamInfo<Isa>& info) {
                           return std::string(IsaName(info.param));
                         });

TEST_P(ProbeAttentionTest, AgreesWithReference) {
  for (const Shape& shape : {Shape{2, 2, 16, 0}, Shape{1, 1, 1, 0}, Shape{3, 5, 7, 3},
                             Shape{2, 7, 72, 65}, Shape{1, 8, 128, 100}, Shape{4, 1, 24, 1}}) {
    SCOPED_TRACE(testing::Message() << "head size " << shape.head_size << ", group " << shape.group
                                    << ", window " << shape.window);
    // One key; one query; across block boundaries; more queries than a tile; packed sequences.
    ProbeStep step(shape, {{1, 3, 0}, {63, 1, 2}, {64, 2, 0}, {65, 9, 1}, {700, 100, 30}});
    ExpectNear(step.RunOn(GetParam()), step.RunReference());
  }
}

// Scores in the hundreds: the maximum of a query changes often, most weights vanish.
TEST_P(ProbeAttentionTest, LargeScores) {
  ProbeStep step({2, 4, 64, 0}, {{900, 20, 3}}, 20.0f);
  const std::vector<float> actual = step.RunOn(GetParam()), expected = step.RunReference();
  for (size_t i = 0; i < actual.size(); ++i) ASSERT_NEAR(expected[i], actual[i], 1e-4f) << i;
}

TEST_P(ProbeAttentionTest, SoftCapAgreesWithReference) {
  for (float cap : {0.5f, 5.0f, 50.0f}) {
    SCOPED_TRACE(cap);
    ProbeStep step({2, 4, 64, 100, cap}, {{65, 9, 1}, {700, 100, 30}}, 4.0f);
    ExpectNear(step.RunOn(GetParam()), step.RunReference());
  }
}

// Masses of a sequence add up to the number of its KV heads' shares: each query and head to weight.
TEST_P(ProbeAttentionTest, MassesOfASequenceAddUpToOne) {
  ProbeStep step({2, 3, 32, 0}, {{200, 7, 0}});
  const std::vector<float> masses = step.RunOn(GetParam());
  double sum = 0;
  for (float mass : masses) sum += mass - 0.25;
  EXPECT_NEAR(1, sum, 1e-5);
}

TEST_P(ProbeAttentionTest, KeysOfTheQuestionAreNeitherReadNorCounted) {
  for (int64_t window : {0, 40}) {
    ProbeStep step({1, 2, 16, window}, {{130, 10, 5}});
    const std::vector<float> clean = step.RunOn(GetParam());
    for (int64_t position = 130; position < 140; ++position) {
      step.Sequence(0).Key(0, position, 3) = kNaN;
    }
    const std::vector<float> actual = step.RunOn(GetParam());
    EXPECT_EQ(0, std::memcmp(clean.data(), actual.data(), clean.size() * sizeof(float)));
    for (int64_t position = 130; position < step.Stride(0); ++position) {
      EXPECT_EQ(0.25f, actual[position]);
    }
  }
}

TEST_P(ProbeAttentionTest, RowsWithoutAVisibleKeyAddNothing) {
  ProbeStep step({1, 1, 8, 4}, {{20, 30, 0}});  // from the fourth query row on
  const std::vector<float> actual = step.RunOn(GetParam());
  ExpectNear(actual, step.RunReference());
  for (int64_t key = 0; key < 17; ++key) EXPECT_EQ(0.25f, actual[key]);
}

TEST_P(ProbeAttentionTest, ThreadsDoNotChangeMasses) {
  ProbeStep step({2, 4, 64, 0}, {{2500, 33, 2}, {10, 1, 0}});
  const std::vector<float> expected = step.RunOn(GetParam());
  const std::vector<float> actual = step.RunOn(GetParam(), TwoThreads());
  EXPECT_EQ(0, std::memcmp(expected.data(), actual.data(), expected.size() * sizeof(float)));
}

TEST_P(ProbeAttentionTest, NoKeysAndNoProbes) {
  ProbeStep none({1, 1, 8, 0}, {});
  EXPECT_TRUE(none.RunOn(GetParam()).empty());
  ProbeStep no_keys({1, 1, 8, 0}, {{0, 3, 0}});
  for (float mass : no_keys.RunOn(GetParam())) EXPECT_EQ(0.25f, mass);
}

}  // namespace
}  // namespace cacheblend
