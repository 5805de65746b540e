#pragma once

// Multiplication of small matrices of floats in registers. Only for sources NAME.isa.cc, hence the
// unnamed namespace.

#include <cstdint>

#include "kernels/cpu/simd.h"

namespace cacheblend {
namespace {

// The accumulators of a micro-tile, one row of b and one broadcast fill the registers: 24 + 4 + 1
// of 32 with AVX-512, 12 + 2 + 1 of 16 with AVX2. Without FMA a product takes one more register.
constexpr int kMicroRows = kLanes == 4 ? 4 : 6;
constexpr int kMicroVectors = kLanes == 16 ? 4 : 2;

constexpr int64_t CeilDiv(int64_t n, int64_t d) { return (n + d - 1) / d; }

// c [kRows][kVectors] (+)= a [kRows][depth] x b [depth][kVectors]. Steps are in floats.
template <int kRows, int kVectors, int kARowStep, int kADepthStep, bool kAccumulate>
void MultiplyMicroTile(const float* a, const float* b, int64_t b_step, int64_t depth, float* c,
                       int64_t c_step) {
  Vec sum[kRows][kVectors];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) {
      sum[r][j] = kAccumulate ? Load(c + r * c_step + j * kLanes) : Broadcast(0.0f);
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vec b_row[kVectors];
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) b_row[j] = InRegister(Load(b + j * kLanes));
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Vec a_element = Broadcast(a[r * kARowStep]);
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) sum[r][j] = MulAdd(a_element, b_row[j], sum[r][j]);
    }
    a += kADepthStep;
    b += b_step;
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) Store(c + r * c_step + j * kLanes, sum[r][j]);
  }
}

// Dispatches `rows` x `vectors`, at most kRows x kVectors, to a micro-tile of that size.
template <int kARowStep, int kADepthStep, bool kAccumulate, int kRows = kMicroRows,
          int kVectors = kMicroVectors>
void MultiplyUpTo(int64_t rows, int64_t vectors, const float* a, const float* b, int64_t b_step,
                  int64_t depth, float* c, int64_t c_step) {
  if constexpr (kRows > 1) {
    if (rows < kRows) {
      return MultiplyUpTo<kARowStep, kADepthStep, kAccumulate, kRows - 1, kVectors>(
          rows, vectors, a, b, b_step, depth, c, c_step);
    }
  }
  if constexpr (kVectors > 1) {
    if (vectors < kVectors) {
      return MultiplyUpTo<kARowStep, kADepthStep, kAccumulate, kRows, kVectors - 1>(
          rows, vectors, a, b, b_step, depth, c, c_step);
    }
  }
  MultiplyMicroTile<kRows, kVectors, kARowStep, kADepthStep, kAccumulate>(a, b, b_step, depth, c,
                                                                          c_step);
}

// All columns, in groups of nearly equal width.
template <int kARowStep, int kADepthStep, bool kAccumulate>
void Multiply(int64_t rows, int64_t vectors, const float* a, const float* b, int64_t b_step,
              int64_t depth, float* c, int64_t c_step) {
  for (int64_t groups = CeilDiv(vectors, kMicroVectors); groups > 0; --groups) {
    const int64_t width = CeilDiv(vectors, groups);
    MultiplyUpTo<kARowStep, kADepthStep, kAccumulate>(rows, width, a, b, b_step, depth, c, c_step);
    b += width * kLanes;
    c += width * kLanes;
    vectors -= width;
  }
}

}  // namespace
}  // namespace cacheblend
