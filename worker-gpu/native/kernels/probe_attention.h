#pragma once

#include <cstdint>

#include "kernels/kv_view.h"
#include "kernels/parallel.h"

namespace cacheblend {

// The query rows of one sequence that probe its keys [0, key_end). They are the last rows of the
// sequence in the step, at the positions from key_end on.
struct ProbeSequence {
  KvLayerView kv;
  int64_t first_row, query_count;  // rows [first_row, first_row + query_count) of the step
  int64_t key_end;
  float weight;         // of one query and head
  float* mass;          // [num_kv_heads][mass_stride], of each key
  int64_t mass_stride;  // key_end or more
};

// Attention of query rows to the keys before them, as importance of these keys (ProphetKV, arXiv
// 2602.02579): mass[h][t] += weight * sum, over query rows and heads of KV head h, of
// softmax_t(q . k * scale) over the keys [max(0, p - window + 1), key_end) of a row at position p.
// A row without such keys adds nothing.
struct ProbeAttentionParams {
  const float* q;            // [rows, num_heads * head_size], rotated
  const int64_t* positions;  // [rows]
  const ProbeSequence* probes;
  int64_t num_probes;
  int num_heads, num_kv_heads, head_size;
  int64_t window;  // 0: none
  float scale;
  float soft_cap;  // as in PartialAttentionParams; 0: none
};

// Masses are equal bit for bit for any number of threads.
void ProbeAttention(const ProbeAttentionParams& params, const ParallelFor& parallel);
void ProbeAttentionReference(const ProbeAttentionParams& params);

}  // namespace cacheblend
