#include "kernels/partial_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "kernels/cpu/partial_attention.h"
#include "test/partial_attention_step.h"
#include "test/testing.h"

namespace cacheblend {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Weights have a relative error of a few 1e-7, values are of magnitude 1.
void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected,
                float tolerance = 2e-6f) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    // False for NaN.
    ASSERT_TRUE(std::abs(actual[i] - expected[i]) <= tolerance * (1.0f + std::abs(expected[i])))
        << "element " << i << ": " << actual[i] << ", expected " << expected[i];
  }
}

void ExpectSameBits(const float* actual, const float* expected, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    ASSERT_EQ(std::memcmp(actual + i, expected + i, sizeof(float)), 0)
        << "element " << i << ": " << actual[i] << ", expected " << expected[i];
  }
}

using Case = std::tuple<Isa, int>;  // head size

class PartialAttentionTest : public testing::TestWithParam<Case> {
 protected:
  // Groups and windows.
  template <typename Body>
  void ForEachShape(const Body& body) {
    for (int group : {1, 2, 4, 8}) {
      for (int64_t window : {0, 1, 24, 100}) {
        SCOPED_TRACE("group " + std::to_string(group) + ", window " + std::to_string(window));
        body(Shape{2, group, std::get<1>(GetParam()), window});
        if (HasFatalFailure()) return;
      }
    }
  }

  Isa isa_ = std::get<0>(GetParam());
};

TEST_P(PartialAttentionTest, AgreesWithReference) {
  ForEachShape([&](const Shape& shape) {
    const AttentionStep step(shape, {Range(0, 70),        // prefill across a block boundary
                                     {1500},              // decode, more than one span of keys
                                     Scattered(400, 15),  // partial recompute
                                     {0},                 // one key
                                     Range(60, 130),      // chunked prefill
                                     {3, 63, 64, 1023, 1024, 1025, 1300}});
    ExpectNear(step.RunOn(isa_), step.RunReference());
  });
}

// A NaN in one key or value reaches every row that sees it and changes no bit of other rows.
TEST_P(PartialAttentionTest, RowsSeeExactlyTheirKeys) {
  ForEachShape([&](const Shape& shape) {
    AttentionStep step(shape, {Scattered(200, 30)});
    const std::vector<float> clean = step.RunOn(isa_);
    const int64_t row_floats = step.RowFloats(), head_floats = row_floats / shape.kv_heads;
    for (int64_t position : {0, 1, 40, 63, 64, 127, 128, 150, 199}) {
      SCOPED_TRACE("position " + std::to_string(position));
      for (bool in_key : {true, false}) {
        Kv& kv = step.Sequence(0);
        float& element = in_key ? kv.Key(1, position, 5) : kv.Value(1, position, 5);
        const float before = element;
        element = kNaN;
        const std::vector<float> actual = step.RunOn(isa_);
        element = before;
        for (int64_t row = 0; row < step.Rows(); ++row) {
          SCOPED_TRACE("row at position " + std::to_string(step.Position(row)));
          const float* out = actual.data() + row * row_floats;
          const float* expected = clean.data() + row * row_floats;
          ExpectSameBits(out, expected, head_floats);
          out += head_floats;
          expected += head_floats;
          if (!step.Sees(row, position)) {
            ExpectSameBits(out, expected, head_floats);
            continue;
          }
          for (int64_t i = 0; i < head_floats; ++i) {
            const bool reached = in_key || i % shape.head_size == 5;
            ASSERT_EQ(std::isnan(out[i]), reached) << "element " << i;
          }
        }
      }
    }
  });
}

// Caps below, around and far above the scores, which have a standard deviation of 4.
TEST_P(PartialAttentionTest, SoftCapAgreesWithReference) {
  for (float cap : {0.5f, 5.0f, 50.0f}) {
    SCOPED_TRACE("cap " + std::to_string(cap));
    const Shape shape = {2, 2, std::get<1>(GetParam()), 100, cap};
    const AttentionStep step(shape, {Range(0, 70), {1500}, Scattered(400, 15), {0}}, 4.0f);
    // Scores have an error of 2e-7 times the cap.
    ExpectNear(step.RunOn(isa_), step.RunReference(), 2e-6f + 5e-7f * cap);
  }
}

// Tiles, spans and tasks depend on the other rows of the step. Results do not.
TEST_P(PartialAttentionTest, IsolatedRowIsBitwiseEqual) {
  ForEachShape([&](const Shape& shape) {
    const AttentionStep step(shape, {Range(1000, 1090), {2100}, Scattered(1200, 3)});
    const std::vector<float> together = step.RunOn(isa_);
    for (const auto& [sequence, row] : std::vector<std::pair<int64_t, int64_t>>{
             {0, 0}, {0, 23}, {0, 24}, {0, 89}, {1, 90}, {2, 91}, {2, 100}, {2, step.Rows() - 1}}) {
      SCOPED_TRACE("row " + std::to_string(row));
      ExpectSameBits(step.RunIsolated(isa_, sequence, row).data(),
                     together.data() + row * step.RowFloats(), step.RowFloats());
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, PartialAttentionTest,
                         testing::Combine(testing::ValuesIn(SupportedIsas()),
                                          testing::Values(16, 24, 64, 80, 96, 128)),
                         [](const testing::TestParamInfo<Case>& info) {
                           return std::string(IsaName(std::get<0>(info.param))) + "_head" +
                                  std::to_string(std::get<1>(info.param));
                         });

class PartialAttentionIsaTest : public testing::TestWithParam<Isa> {};

INSTANTIATE_TEST_SUITE_P(Isas, PartialAttentionIsaTest, testing::ValuesIn(SupportedIsas()),
                         [](const testing::TestParamInfo<Isa>& info) {
                           return std::string(IsaName(info.param));
                         });

TEST_P(PartialAttentionIsaTest, OddShapes) {
  for (const Shape& shape : {Shape{1, 1, 1, 0}, Shape{3, 5, 7, 3}, Shape{1, 3, 40, 64},
                             Shape{2, 7, 72, 65}, Shape{1, 100, 16, 0}, Shape{1, 2, 256, 0}}) {
    SCOPED_TRACE(std::to_string(shape.head_size) + " group " + std::to_string(shape.group));
    const AttentionStep step(shape, {Range(0, 130), {77}, Scattered(300, 20)});
    ExpectNear(step.RunOn(GetParam()), step.RunReference());
  }
}

// Scores in the hundreds: few weights are nonzero and the maximum changes often.
TEST_P(PartialAttentionIsaTest, LargeScores) {
  const AttentionStep step({2, 4, 64, 0}, {Range(0, 200), {1100}}, 40.0f);
  const std::vector<float> actual = step.RunOn(GetParam()), expected = step.RunReference();
  for (size_t i = 0; i < actual.size(); ++i) {
    // fp32 scores of magnitude 200 have errors up to 2e-5, and so do weights.
    ASSERT_NEAR(actual[i], expected[i], 3e-4f) << "element " << i;
  }
}

// Later keys score hundreds more than the first: their weights overflow unless the maximum that
// weights are relative to is raised.
TEST_P(PartialAttentionIsaTest, MaximumIsRaised) {
  AttentionStep step({2, 4, 64, 0}, {Range(60, 90)}, 4.0f);
  for (int64_t position = 70; position < 90; ++position) {
    for (int head : {0, 1}) {
      for (int d = 0; d < 64; ++d) step.Sequence(0).Key(head, position, d) *= 100.0f;
    }
  }
  const std::vector<float> actual = step.RunOn(GetParam()), expected = step.RunReference();
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_NEAR(actual[i], expected[i], 1e-3f) << "element " << i;
  }
}

TEST_P(PartialAttentionIsaTest, ManyKeys) {
  const AttentionStep step({1, 4, 64, 0}, {Scattered(9000, 1)});
  ExpectNear(step.RunOn(GetParam()), step.RunReference());
}

TEST_P(PartialAttentionIsaTest, EmptyStep) {
  const int64_t row_offsets[] = {0};
  PartialAttentionOn(GetParam(),
                     {nullptr, nullptr, row_offsets, nullptr, 0, 8, 2, 64, 0, 0.125f, 0, nullptr},
                     SerialFor());
}

// Contiguous ranges of tasks, one range per thread.
struct Threads {
  int count;

  ParallelFor For() {
    return {this,
            [](void* context, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
              const int64_t count = static_cast<Threads*>(context)->count;
              std::vector<std::thread> threads;
              for (int64_t t = 0; t < count; ++t) {
                threads.emplace_back([=] {
                  for (int64_t i = num_tasks * t / count; i < num_tasks * (t + 1) / count; ++i) {
                    body(arg, i);
                  }
                });
              }
              for (std::thread& thread : threads) thread.join();
            },
            count};
  }
};

ParallelFor BackwardsFor() {
  return {nullptr,
          [](void*, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
            for (int64_t task = num_tasks; task-- > 0;) body(arg, task);
          },
          3};
}

TEST_P(PartialAttentionIsaTest, ThreadsAndOrderDoNotChangeResults) {
  const Shape shape = {2, 4, 64, 0};
  const std::vector<std::vector<std::vector<int64_t>>> steps = {
      {Range(0, 600)},                      // one task per tile
      {{5000}, {3000}, Range(2000, 2030)},  // one task per span of keys
      {Scattered(2500, 15), {4000}}};
  for (size_t i = 0; i < steps.size(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    const AttentionStep step(shape, steps[i]);
    const std::vector<float> expected = step.RunOn(GetParam());
    ExpectNear(expected, step.RunReference());
    const auto size = static_cast<int64_t>(expected.size());
    ExpectSameBits(step.RunOn(GetParam(), BackwardsFor()).data(), expected.data(), size);
    for (int count : {2, 3, 7}) {
      Threads threads = {count};
      ExpectSameBits(step.RunOn(GetParam(), threads.For()).data(), expected.data(), size);
    }
  }
}

TEST(PartialAttentionDispatchTest, UsesTheInstructionSetOfTheMachine) {
  const AttentionStep step({2, 4, 64, 0}, {Range(0, 100)});
  const std::vector<float> actual =
      step.Run([](const PartialAttentionParams& params) { PartialAttention(params, SerialFor()); });
  const std::vector<float> expected = step.RunOn(CurrentIsa());
  ExpectSameBits(actual.data(), expected.data(), static_cast<int64_t>(expected.size()));
}

}  // namespace
}  // namespace cacheblend
