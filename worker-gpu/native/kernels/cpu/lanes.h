#pragma once

// Vectors of W floats in the compiler's vector extension: one source for all instruction sets. Only
// for sources NAME.isa.cc, hence the unnamed namespace.

#include <cstring>

namespace cacheblend {
namespace {

#if defined(__AVX512F__)
constexpr int kMaxLanes = 16;
#elif defined(__AVX2__)
constexpr int kMaxLanes = 8;
#else
constexpr int kMaxLanes = 4;
#endif

template <int W>
struct Lanes;

// kLow, kHigh: element indices of (a, b) that interleave the lower and the upper halves.
template <>
struct Lanes<4> {
  using Vec = float __attribute__((vector_size(16)));
  using Index = int __attribute__((vector_size(16)));
  static constexpr Index kLow = {0, 4, 1, 5};
  static constexpr Index kHigh = {2, 6, 3, 7};
};

#if defined(__AVX2__)
template <>
struct Lanes<8> {
  using Vec = float __attribute__((vector_size(32)));
  using Index = int __attribute__((vector_size(32)));
  static constexpr Index kLow = {0, 8, 1, 9, 2, 10, 3, 11};
  static constexpr Index kHigh = {4, 12, 5, 13, 6, 14, 7, 15};
};
#endif

#if defined(__AVX512F__)
template <>
struct Lanes<16> {
  using Vec = float __attribute__((vector_size(64)));
  using Index = int __attribute__((vector_size(64)));
  static constexpr Index kLow = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
  static constexpr Index kHigh = {8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
};
#endif

template <int W>
inline typename Lanes<W>::Vec Load(const float* from) {
  typename Lanes<W>::Vec v;
  std::memcpy(&v, from, sizeof v);  // one unaligned load
  return v;
}

template <int W>
inline void Store(float* to, typename Lanes<W>::Vec v) {
  std::memcpy(to, &v, sizeof v);
}

// Transposes W x W floats by log2(W) perfect shuffles of the rows.
template <int W>
inline void Transpose(typename Lanes<W>::Vec (&rows)[W]) {
#pragma GCC unroll 4
  for (int stage = 1; stage < W; stage *= 2) {
    typename Lanes<W>::Vec next[W];
#pragma GCC unroll 8
    for (int i = 0; i < W / 2; ++i) {
      next[2 * i] = __builtin_shuffle(rows[i], rows[i + W / 2], Lanes<W>::kLow);
      next[2 * i + 1] = __builtin_shuffle(rows[i], rows[i + W / 2], Lanes<W>::kHigh);
    }
#pragma GCC unroll 16
    for (int i = 0; i < W; ++i) rows[i] = next[i];
  }
}

}  // namespace
}  // namespace cacheblend
