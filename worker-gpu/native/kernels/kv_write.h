#pragma once

#include <cstdint>

#include "kernels/cpu/isa.h"
#include "kernels/parallel.h"

namespace cacheblend {

// Source of one row of a KV block. To clear a slot, point key and value to zeros.
struct KvRow {
  const float* key;    // [num_kv_heads * head_size], before rotation
  const float* value;  // [num_kv_heads * head_size]
  const float* cos;    // [head_size / 2], of the row's position
  const float* sin;
  int slot;  // of the block, [0, kBlockTokens)
};

// The rows written to one block of one layer.
struct KvBlockWrite {
  float* keys;    // [num_kv_heads][head_size][kBlockTokens]
  float* values;  // [num_kv_heads][kBlockTokens][ValueStride(head_size)]
  int64_t first_row;
  int64_t row_count;
};

// Rotates keys (element i pairs with i + head_size / 2) into the transposed panels of their block
// and copies values, including padding. Blocks must not share memory.
struct KvWriteParams {
  const KvRow* rows;  // grouped by block, slots ascending
  const KvBlockWrite* blocks;
  int64_t num_blocks;
  int num_kv_heads, head_size;
};

void WriteKv(const KvWriteParams& params, const ParallelFor& parallel, Isa isa = CurrentIsa());
void WriteKvReference(const KvWriteParams& params);

}  // namespace cacheblend
