#include "kernels/rotate_rows.h"

#include <cstdint>

namespace cacheblend::CACHEBLEND_ISA {

namespace {

constexpr int64_t kRowsPerTask = 16;

// The compiler vectorizes the loop for the instruction set of this compilation.
void RotateHead(const float* __restrict in, const float* __restrict cos,
                const float* __restrict sin, int half, float* __restrict out) {
  for (int i = 0; i < half; ++i) {
    out[i] = in[i] * cos[i] - in[half + i] * sin[i];
    out[half + i] = in[half + i] * cos[i] + in[i] * sin[i];
  }
}

}  // namespace

void RotateRows(const RotateRowsParams& p, const ParallelFor& parallel) {
  const int half = p.head_size / 2;
  const int64_t out_stride = int64_t{p.num_heads} * p.head_size;
  parallel((p.num_rows + kRowsPerTask - 1) / kRowsPerTask, [&](int64_t task) {
    const int64_t last = (task + 1) * kRowsPerTask;
    for (int64_t row = task * kRowsPerTask; row < last && row < p.num_rows; ++row) {
      const float* cos = p.cos + p.positions[row] * half;
      const float* sin = p.sin + p.positions[row] * half;
      for (int head = 0; head < p.num_heads; ++head) {
        RotateHead(p.in + row * p.in_stride + head * p.head_size, cos, sin, half,
                   p.out + row * out_stride + head * p.head_size);
      }
    }
  });
}

}  // namespace cacheblend::CACHEBLEND_ISA
