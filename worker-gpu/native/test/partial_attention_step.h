#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/cpu/partial_attention.h"
#include "kernels/kv_view.h"

namespace cacheblend {

inline constexpr uint32_t kStepSeed = 20240917;

struct Shape {
  int kv_heads, group, head_size;
  int64_t window;
  float soft_cap = 0;
};

struct DeleteAligned {
  void operator()(float* memory) const { operator delete[](memory, std::align_val_t{64}); }
};
using AlignedFloats = std::unique_ptr<float[], DeleteAligned>;

inline AlignedFloats Poisoned(int64_t count) {
  AlignedFloats memory(new (std::align_val_t{64}) float[count]);
  const float infinity = std::numeric_limits<float>::infinity();
  const float poisons[] = {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity, 3e38f,
                           -3e38f};
  for (int64_t i = 0; i < count; ++i) memory[i] = poisons[i % 5];
  return memory;
}

// One sequence: random keys and values at positions [0, length), NaN, infinity or huge values in
// all other slots.
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

// A step of several sequences over random data. `positions[s]` ascend.
class AttentionStep {
 public:
  AttentionStep(const Shape& shape, const std::vector<std::vector<int64_t>>& positions,
                float query_size = 1.0f)
      : shape_(shape) {
    std::mt19937 random(kStepSeed);
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
    std::vector<float> out(q_.size(), std::numeric_limits<float>::quiet_NaN());
    kernel(PartialAttentionParams{q_.data(), positions_.data(), row_offsets_.data(), views.data(),
                                  static_cast<int64_t>(kv_.size()), shape_.kv_heads * shape_.group,
                                  shape_.kv_heads, shape_.head_size, shape_.window,
                                  1.0f / std::sqrt(static_cast<float>(shape_.head_size)),
                                  shape_.soft_cap, out.data()});
    return out;
  }

  std::vector<float> RunOn(Isa isa, const ParallelFor& parallel = SerialFor()) const {
    return Run(
        [&](const PartialAttentionParams& params) { PartialAttentionOn(isa, params, parallel); });
  }

  std::vector<float> RunReference() const { return Run(PartialAttentionReference); }

  // The output of one row in a step without other rows.
  std::vector<float> RunIsolated(Isa isa, int64_t sequence, int64_t row) const {
    const KvLayerView view = kv_[sequence].View();
    const int64_t row_offsets[] = {0, 1};
    std::vector<float> out(RowFloats(), std::numeric_limits<float>::quiet_NaN());
    PartialAttentionOn(
        isa,
        {q_.data() + row * RowFloats(), &positions_[row], row_offsets, &view, 1,
         shape_.kv_heads * shape_.group, shape_.kv_heads, shape_.head_size, shape_.window,
         1.0f / std::sqrt(static_cast<float>(shape_.head_size)), shape_.soft_cap, out.data()},
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

inline std::vector<int64_t> Range(int64_t first, int64_t end) {
  std::vector<int64_t> positions(end - first);
  std::iota(positions.begin(), positions.end(), first);
  return positions;
}

// About `percent` of [0, end), and the last position.
inline std::vector<int64_t> Scattered(int64_t end, int percent) {
  std::mt19937 random(kStepSeed + static_cast<uint32_t>(end));
  std::vector<int64_t> positions;
  for (int64_t position = 0; position < end - 1; ++position) {
    if (static_cast<int>(random() % 100) < percent) positions.push_back(position);
  }
  positions.push_back(end - 1);
  return positions;
}

}  // namespace cacheblend
