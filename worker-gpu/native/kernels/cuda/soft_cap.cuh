#pragma once

#include <cmath>

#include "kernels/cuda/exp2.cuh"

namespace cacheblend::cuda {

// cap * tanh(score / cap), or the score if cap is 0.
__device__ inline float SoftCapped(float score, float cap) {
  return cap > 0 ? cap * tanhf(score / cap) : score;
}

constexpr float kLog2E = 1.44269504088896340736f;

// How kernels on tensor cores turn products q . k into scores in base 2: product * log2_scale, or
// with a cap tanh(product * scale / cap) * log2_scale, in which the first factor replaces the
// product.
struct ScoreScale {
  float log2_scale;
  float tanh_scale;  // of a product, in base 2; 0: no cap

  static ScoreScale Of(float scale, float soft_cap) {
    if (soft_cap == 0) return {scale * kLog2E, 0};
    return {soft_cap * kLog2E, 2 * kLog2E * scale / soft_cap};
  }

  // Replaces products by their tanh = 1 - 2 / (e^2x + 1), if there is a cap. The error is absolute,
  // 2e-7, which a cap of 50 turns into 1e-5.
  template <int kTiles, int kColumns>
  __device__ void Cap(float (&products)[kTiles][kColumns][4]) const {
    if (tanh_scale == 0) return;
#pragma unroll
    for (int m = 0; m < kTiles; ++m) {
#pragma unroll
      for (int i = 0; i < kColumns * 4; ++i) {
        float& product = products[m][i / 4][i % 4];
        product = 1 - __fdividef(2, Exp2(fminf(product * tanh_scale, 100)) + 1);
      }
    }
  }
};

}  // namespace cacheblend::cuda
