#pragma once

#include <cstdint>

#include "kernels/kv_view.h"
#include "kernels/parallel.h"

namespace cacheblend {

// Attention of query rows over the whole KV of their sequence.
// The row at position p sees exactly the keys [max(0, p - window + 1), p].
struct PartialAttentionParams {
  const float* q;              // [rows, num_heads * head_size], rotated
  const int64_t* positions;    // [rows], ascending within a sequence
  const int64_t* row_offsets;  // [num_sequences + 1]
  const KvLayerView* kv;       // [num_sequences]
  int64_t num_sequences;
  int num_heads, num_kv_heads, head_size;
  int64_t window;  // 0: none
  float scale;
  float soft_cap;  // scores s become soft_cap * tanh(s / soft_cap); 0: none
  float* out;      // [rows, num_heads * head_size]
};

void PartialAttention(const PartialAttentionParams& params, const ParallelFor& parallel);
void PartialAttentionReference(const PartialAttentionParams& params);

}  // namespace cacheblend
