#pragma once

#include "kernels/cpu/simd.h"

namespace cacheblend::CACHEBLEND_ISA {
namespace {

// How a dot product becomes a score in base 2: log2(e) * s with s = q . k * scale, or
// log2(e) * cap * tanh(s / cap). Queries are multiplied by `query_factor` before the product.
class ScoreScale {
 public:
  ScoreScale(float scale, float soft_cap)
      : capped_(soft_cap > 0),
        factor_(kLog2E * (capped_ ? 2 * scale / soft_cap : scale)),
        limit_(kLog2E * soft_cap) {}

  float query_factor() const { return factor_; }
  bool capped() const { return capped_; }

  // The score of a product of scaled queries: with x = 2^product = e^(2 s / cap),
  // tanh(s / cap) = 1 - 2 / (x + 1), with an absolute error of 2e-7. NaN propagates.
  Vec Cap(Vec product) const {
    // Beyond 60 the result is the cap; Exp2 needs less than 127.
    const Vec x = Exp2(Broadcast(0.0f) - Max(Broadcast(-60.0f), Broadcast(0.0f) - product));
    const Vec one = Broadcast(1.0f);
    return Broadcast(limit_) * (one - (one + one) / (x + one));
  }

 private:
  static constexpr float kLog2E = 1.44269504088896340736f;

  bool capped_;
  float factor_, limit_;
};

}  // namespace
}  // namespace cacheblend::CACHEBLEND_ISA
