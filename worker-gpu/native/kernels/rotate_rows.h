#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"
#include "kernels/parallel.h"

namespace cacheblend {

// Applies RoPE to the heads of rows: element i pairs with i + head_size / 2.
struct RotateRowsParams {
  const float* in;           // [rows, in_stride], heads start at column 0
  int64_t in_stride;         // floats
  const int64_t* positions;  // [rows]
  const float* cos;          // [positions, head_size / 2]
  const float* sin;
  int64_t num_rows;
  int num_heads, head_size;
  float* out;  // [rows, num_heads * head_size]
};

void RotateRows(const RotateRowsParams& params, const ParallelFor& parallel,
                Isa isa = CurrentIsa());
void RotateRowsReference(const RotateRowsParams& params);

}  // namespace cacheblend
