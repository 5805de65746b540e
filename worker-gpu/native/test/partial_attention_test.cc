#include "kernels/partial_attention.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "kernels/cpu/partial_attention.h"

namespace cacheblend {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr uint32_t kSeed = 20240917;

std::vector<Isa> SupportedIsas() {
  std::vector<Isa> isas;
  for (Isa isa : {Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
    if (isa <= CurrentIsa()) isas.push_back(isa);
  }
  return isas;
}

struct Shape {
  int kv_heads, group, head_size;
  int64_t window;
};

struct DeleteAligned {
  void operator()(float* memory) const { operator delete[](memory, std::align_val_t{64}); }
};
using AlignedFloats = std::unique_ptr<float[], DeleteAligned>;

AlignedFloats Poisoned(int64_t count) {
  AlignedFloats memory(new (std::align_val_t{64}) float[count]);
  const float poisons[] = {kNaN, kInfinity, -kInfinity, 3e38f, -3e38f};
  for (int64_t i = 0; i < count; ++i) memory[i] = poisons[i % 5];
  return memory;
}

// One sequence: random keys and values at positions [0, length), poison in every other slot.
class Kv {
 public:
  Kv(const Shape& shape, int64_t length, std::mt19937* random) : shape_(shape) {
    const int64_t stride = ValueStride(shape.head_size);
    for (int64_t start = 0; start < length; start += kBlockTokens) {
      keys_.push_back(Poisoned(shape.kv_heads * shape.head_size * kBlockTokens));
      values_.push_back(Poisoned(shape.kv_heads * kBlockTokens * stride));
      key_blocks_.push_back(keys_.back().get());
      value_blocks_.push_back(values_.back().get());
    }
    std::normal_distribution<float> normal;
    for (int64_t position = 0; position < length; ++position) {
      for (int head = 0; head < shape.kv_heads; ++head) {
        for (int d = 0; d < shape.head_size; ++d) {
          Key(head, position, d) = normal(*random);
          Value(head, position, d) = normal(*random);
        }
        for (int d = shape.head_size; d < stride; ++d) Value(head, position, d) = 0.0f;
      }
    }
  }

  float& Key(int head, int64_t position, int d) {
    return key_blocks_[position / kBlockTokens]
                      [(head * shape_.head_size + d) * kBlockTokens + position % kBlockTokens];
  }

  float& Value(int head, int64_t position, int d) {
    return value_blocks_[position / kBlockTokens][(head * kBlockTokens + position % kBlockTokens) *
                                                      ValueStride(shape_.head_size) +
                                                  d];
  }

  KvLayerView View() const { return {key_blocks_.data(), value_blocks_.data()}; }

 private:
  Shape shape_;
  std::vector<AlignedFloats> keys_, values_;
  std::vector<float*> key_blocks_, value_blocks_;
};

// Rows of several sequences over random data; `positions[s]` ascend.
class Step {
 public:
  Step(const Shape& shape, const std::vector<std::vector<int64_t>>& positions,
       float query_size = 1.0f)
      : shape_(shape) {
    std::mt19937 random(kSeed);
    std::normal_distribution<float> normal(0.0f, query_size);
    for (const std::vector<int64_t>& sequence : positions) {
      positions_.insert(positions_.end(), sequence.begin(), sequence.end());
      row_offsets_.push_back(Rows());
      kv_.emplace_back(shape, sequence.back() + 1, &random);
    }
    q_.resize(Rows() * RowFloats());
    for (float& x : q_) x = normal(random);
  }

  int64_t Rows() const { return static_cast<int64_t>(positions_.size()); }
  int64_t RowFloats() const { return int64_t{shape_.kv_heads} * shape_.group * shape_.head_size; }
  int64_t Position(int64_t row) const { return positions_[row]; }
  Kv& Sequence(int64_t sequence) { return kv_[sequence]; }

  bool Sees(int64_t row, int64_t position) const {
    return position <= positions_[row] &&
           (shape_.window == 0 || position > positions_[row] - shape_.window);
  }

  template <typename Kernel>
  std::vector<float> Run(const Kernel& kernel) const {
    std::vector<KvLayerView> views;
    for (const Kv& kv : kv_) views.push_back(kv.View());
    std::vector<float> out(q_.size(), kNaN);
    kernel(PartialAttentionParams{q_.data(), positions_.data(), row_offsets_.data(), views.data(),
                                  static_cast<int64_t>(kv_.size()), shape_.kv_heads * shape_.group,
                                  shape_.kv_heads, shape_.head_size, shape_.window,
                                  1.0f / std::sqrt(static_cast<float>(shape_.head_size)),
                                  out.data()});
    return out;
  }

  std::vector<float> RunOn(Isa isa, const ParallelFor& parallel = SerialFor()) const {
    return Run(
        [&](const PartialAttentionParams& params) { PartialAttentionOn(isa, params, parallel); });
  }

  std::vector<float> RunReference() const { return Run(PartialAttentionReference); }

  // The row alone in a step of its own.
  std::vector<float> RunIsolated(Isa isa, int64_t sequence, int64_t row) const {
    const KvLayerView view = kv_[sequence].View();
    const int64_t row_offsets[] = {0, 1};
    std::vector<float> out(RowFloats(), kNaN);
    PartialAttentionOn(
        isa,
        {q_.data() + row * RowFloats(), &positions_[row], row_offsets, &view, 1,
         shape_.kv_heads * shape_.group, shape_.kv_heads, shape_.head_size, shape_.window,
         1.0f / std::sqrt(static_cast<float>(shape_.head_size)), out.data()},
        SerialFor());
    return out;
  }

 private:
  Shape shape_;
  std::vector<int64_t> positions_;
  std::vector<int64_t> row_offsets_ = {0};
  std::vector<Kv> kv_;
  std::vector<float> q_;
};

std::vector<int64_t> Range(int64_t first, int64_t end) {
  std::vector<int64_t> positions(end - first);
  std::iota(positions.begin(), positions.end(), first);
  return positions;
}

// About a `percent` of [0, end), and the last.
std::vector<int64_t> Scattered(int64_t end, int percent) {
  std::mt19937 random(kSeed + static_cast<uint32_t>(end));
  std::vector<int64_t> positions;
  for (int64_t position = 0; position < end - 1; ++position) {
    if (static_cast<int>(random() % 100) < percent) positions.push_back(position);
  }
  positions.push_back(end - 1);
  return positions;
}

// Weights carry a relative error of a few 1e-7, values are of size 1.
void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    // Also false for NaN.
    ASSERT_TRUE(std::abs(actual[i] - expected[i]) <= 2e-6f * (1.0f + std::abs(expected[i])))
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
    const Step step(shape, {Range(0, 70),        // fresh prefill over a block's end
                            {1500},              // decoding, more than a span of keys
                            Scattered(400, 15),  // partial recompute
                            {0},                 // one key only
                            Range(60, 130),      // a later piece of a prompt
                            {3, 63, 64, 1023, 1024, 1025, 1300}});
    ExpectNear(step.RunOn(isa_), step.RunReference());
  });
}

// A NaN in one key or value reaches every row that sees it and not one bit of the others.
TEST_P(PartialAttentionTest, RowsSeeExactlyTheirKeys) {
  ForEachShape([&](const Shape& shape) {
    Step step(shape, {Scattered(200, 30)});
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

// Tiles, spans and tasks depend on the other rows of the step; results do not.
TEST_P(PartialAttentionTest, RowAloneGivesTheSameBits) {
  ForEachShape([&](const Shape& shape) {
    const Step step(shape, {Range(1000, 1090), {2100}, Scattered(1200, 3)});
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
    const Step step(shape, {Range(0, 130), {77}, Scattered(300, 20)});
    ExpectNear(step.RunOn(GetParam()), step.RunReference());
  }
}

// Scores of hundreds: few weights are not zero, and the maximum moves often.
TEST_P(PartialAttentionIsaTest, LargeScores) {
  const Step step({2, 4, 64, 0}, {Range(0, 200), {1100}}, 40.0f);
  const std::vector<float> actual = step.RunOn(GetParam()), expected = step.RunReference();
  for (size_t i = 0; i < actual.size(); ++i) {
    // fp32 scores of size 200 are off by up to 2e-5, and so are weights.
    ASSERT_NEAR(actual[i], expected[i], 3e-4f) << "element " << i;
  }
}

// Later keys score hundreds more than the first: their weights would overflow if weights still
// referred to the first maximum.
TEST_P(PartialAttentionIsaTest, MaximumRisesByMuch) {
  Step step({2, 4, 64, 0}, {Range(60, 90)}, 4.0f);
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

TEST_P(PartialAttentionIsaTest, ManyKeysKeepTheirPrecision) {
  const Step step({1, 4, 64, 0}, {Scattered(9000, 1)});
  ExpectNear(step.RunOn(GetParam()), step.RunReference());
}

TEST_P(PartialAttentionIsaTest, EmptyStep) {
  const int64_t row_offsets[] = {0};
  PartialAttentionOn(GetParam(),
                     {nullptr, nullptr, row_offsets, nullptr, 0, 8, 2, 64, 0, 0.125f, nullptr},
                     SerialFor());
}

// Tasks in contiguous ranges, one range per thread.
struct Threads {
  int count;

  ParallelFor For() {
    return {this, [](void* context, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
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
            }};
  }
};

ParallelFor BackwardsFor() {
  return {nullptr, [](void*, int64_t num_tasks, void (*body)(void*, int64_t), void* arg) {
            for (int64_t task = num_tasks; task-- > 0;) body(arg, task);
          }};
}

TEST_P(PartialAttentionIsaTest, ThreadsAndOrderDoNotChangeABit) {
  const Shape shape = {2, 4, 64, 0};
  const std::vector<std::vector<std::vector<int64_t>>> steps = {
      {Range(0, 600)},                      // one task per tile
      {{5000}, {3000}, Range(2000, 2030)},  // one task per span of keys
      {Scattered(2500, 15), {4000}}};
  for (size_t i = 0; i < steps.size(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    const Step step(shape, steps[i]);
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

TEST(PartialAttentionDispatchTest, PicksTheInstructionSetOfTheMachine) {
  const Step step({2, 4, 64, 0}, {Range(0, 100)});
  const std::vector<float> actual =
      step.Run([](const PartialAttentionParams& params) { PartialAttention(params, SerialFor()); });
  const std::vector<float> expected = step.RunOn(CurrentIsa());
  ExpectSameBits(actual.data(), expected.data(), static_cast<int64_t>(expected.size()));
}

}  // namespace
}  // namespace cacheblend
