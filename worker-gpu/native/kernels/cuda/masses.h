#pragma once

namespace cacheblend::cuda {

// Attention of one sequence in device memory: [num_heads][stride], by KV head and position.
struct Masses {
  const float* data;  // null: none
  int stride, num_heads;
};

}  // namespace cacheblend::cuda
