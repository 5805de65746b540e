#include "kernels/rotate_rows.h"

namespace cacheblend {

void RotateRowsReference(const RotateRowsParams& p) {
  const int half = p.head_size / 2;
  for (int64_t row = 0; row < p.num_rows; ++row) {
    for (int head = 0; head < p.num_heads; ++head) {
      const float* in = p.in + row * p.in_stride + head * p.head_size;
      float* out = p.out + (row * p.num_heads + head) * p.head_size;
      for (int i = 0; i < half; ++i) {
        const float cos = p.cos[p.positions[row] * half + i];
        const float sin = p.sin[p.positions[row] * half + i];
        out[i] = in[i] * cos - in[half + i] * sin;
        out[half + i] = in[half + i] * cos + in[i] * sin;
      }
    }
  }
}

}  // namespace cacheblend
