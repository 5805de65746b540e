#pragma once

// Scratch memory and partial results of an attention tile. Only for sources NAME.isa.cc, hence the
// unnamed namespace.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/cpu/multiply.h"
#include "kernels/cpu/simd.h"
#include "kernels/kv_view.h"

namespace cacheblend {
namespace {

// Lower than the score of any key except -infinity, and finite, so that no difference is NaN.
constexpr float kNoMaximum = -std::numeric_limits<float>::max();

constexpr int64_t RoundUp(int64_t n, int64_t unit) { return CeilDiv(n, unit) * unit; }

// Elements per 64 bytes: arrays are padded to this count, so that each one starts aligned.
template <typename T>
constexpr int64_t kAlignedCount = 64 / sizeof(T);

template <typename T>
constexpr int64_t PaddedCount(int64_t count) {
  return RoundUp(count, kAlignedCount<T>);
}

// Running softmax of a tile's queries over some of their keys.
struct Partial {
  float* values;  // [queries][stride], relative to 2^maxima
  float* sums;    // [queries][kLanes], weights by lane
  float* maxima;  // [queries]

  Partial(std::byte* memory, int64_t queries, int64_t stride)
      : values(reinterpret_cast<float*>(memory)),
        sums(values + PaddedCount<float>(queries * stride)),
        maxima(sums + PaddedCount<float>(queries * kLanes)) {}

  static constexpr int64_t Bytes(int64_t queries, int64_t stride) {
    const int64_t floats = PaddedCount<float>(queries * stride) +
                           PaddedCount<float>(queries * kLanes) + PaddedCount<float>(queries);
    return floats * int64_t{sizeof(float)};
  }

  void Clear(int64_t queries, int64_t stride) const {
    for (int64_t i = 0; i < queries * stride; ++i) values[i] = 0.0f;
    for (int64_t i = 0; i < queries * kLanes; ++i) sums[i] = 0.0f;
    for (int64_t i = 0; i < queries; ++i) maxima[i] = kNoMaximum;
  }
};

struct Scratch {
  int64_t* first_keys;  // [queries], ascending; query i sees [first_keys[i], end_keys[i])
  int64_t* end_keys;    // [queries], ascending
  float* queries;       // [micro-tile][Dh][kMicroRows], scaled
  float* scores;        // [kMicroRows][kBlockTokens]

  Scratch(std::byte* memory, int64_t count, int64_t head_size)
      : first_keys(reinterpret_cast<int64_t*>(memory)),
        end_keys(first_keys + PaddedCount<int64_t>(count)),
        queries(reinterpret_cast<float*>(end_keys + PaddedCount<int64_t>(count))),
        scores(queries + QueryFloats(count, head_size)) {}

  static constexpr int64_t Bytes(int64_t count, int64_t head_size) {
    const int64_t floats = QueryFloats(count, head_size) + kMicroRows * kBlockTokens;
    return 2 * PaddedCount<int64_t>(count) * int64_t{sizeof(int64_t)} +
           floats * int64_t{sizeof(float)};
  }

 private:
  static constexpr int64_t QueryFloats(int64_t count, int64_t head_size) {
    return PaddedCount<float>(RoundUp(count, kMicroRows) * head_size);
  }
};

// Sizes are constant expressions, hence free of pointer arithmetic, and keep arrays aligned.
static_assert(Partial::Bytes(7, 80) % 64 == 0 && Scratch::Bytes(7, 80) % 64 == 0);

}  // namespace
}  // namespace cacheblend
