#pragma once

#include "kernels/cuda/gate.h"

namespace cacheblend::cuda {

// x * sigmoid(k(x)), with k(x) = x for SiLU and 2 sqrt(2 / pi) (x + 0.044715 x^3) for GELU, since
// (1 + tanh(y)) / 2 = sigmoid(2 y).
__device__ inline float Activated(Gate gate, float x) {
  const float k = gate == Gate::kSilu ? x : 1.5957691216057308f * (x + 0.044715f * x * x * x);
  return x / (1 + __expf(-k));
}

}  // namespace cacheblend::cuda
