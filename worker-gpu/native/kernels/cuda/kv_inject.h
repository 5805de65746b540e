#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/injections.h"
#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

// Element i of a head pairs with i + head_size / 2.
struct RotationTables {
  const float* cos;  // [position_count, head_size / 2]
  const float* sin;
  int64_t position_count;
};

// Rows of contiguous heads, `stride` elements apart.
struct Rows {
  const void* data;
  int64_t stride;
};

// Destination of captured KV: positions [first, end) are stored unrotated from row 0.
struct Capture {
  int64_t first, end;  // empty: no capture
  void* keys;          // [tokens][num_kv_heads * head_size]
  void* values;
};

// Rotates queries. Rotates fresh keys and writes fresh keys and values to the sequences of a step.
struct WriteFreshParams {
  Rows q, k, v;                // before rotation
  const int64_t* positions;    // [num_rows], of k and v
  const int64_t* row_offsets;  // [num_sequences + 1]
  const int64_t* query_rows;   // [num_query_rows], row of each query; null: all rows
  RotationTables tables;
  PagedKv kv;
  BlockTables block_tables;
  Capture captures[kMaxStepSequences];
  int64_t num_rows, num_query_rows;
  int num_sequences, num_heads;
  void* q_out;  // [num_query_rows, num_heads * head_size]
};

// Injects cached KV of one sequence at positions [from, to), keys rotated to their positions.
// Clears positions >= zeros_from that no chunk covers.
struct InjectCachedParams {
  Injections injections;
  int layer;
  int64_t from, to, zeros_from;
  RotationTables tables;
  PagedKv kv;
  const int32_t* block_table;
};

// Both enqueue and throw CudaError.
void WriteFresh(const WriteFreshParams& params, cudaStream_t stream);
void InjectCached(const InjectCachedParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
