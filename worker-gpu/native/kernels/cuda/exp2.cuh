#pragma once

namespace cacheblend::cuda {

// 2^x with an error of at most 2 ulp.
__device__ inline float Exp2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

}  // namespace cacheblend::cuda
