#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/paged_kv.h"
#include "kernels/cuda/placements.h"

namespace cacheblend::cuda {

// Element i of a head pairs with i + head_size / 2.
struct RotationTables {
  const float* cos;  // [position_count, head_size / 2]
  const float* sin;
  int64_t position_count;
};

// Rows with their heads side by side, `stride` elements apart.
struct Rows {
  const void* data;
  int64_t stride;
};

// Where a sequence captures: rows at positions [first, end) go, as they come, to row 0 and on.
struct Capture {
  int64_t first, end;  // equal: nothing is captured
  void* keys;          // [tokens][num_kv_heads * head_size]
  void* values;
};

// Rotates queries, and rotates and writes fresh keys and values to the sequences of a step.
struct WriteFreshParams {
  Rows q, k, v;                // before rotation
  const int64_t* positions;    // [num_rows], of k and v
  const int64_t* row_offsets;  // [num_sequences + 1]
  const int64_t* query_rows;   // [num_query_rows] which rows q belongs to; null: all
  RotationTables tables;
  PagedKv kv;
  BlockTables block_tables;
  Capture captures[kMaxStepSequences];
  int64_t num_rows, num_query_rows;
  int num_sequences, num_heads;
  void* q_out;  // [num_query_rows, num_heads * head_size]
};

// Writes cached KV of one sequence, keys rotated to their positions, to the positions [from, to).
// What no chunk covers from zeros_from on is cleared.
struct PlaceCachedParams {
  Placements placements;
  int layer;
  int64_t from, to, zeros_from;
  RotationTables tables;
  PagedKv kv;
  const int32_t* block_table;
};

// Both enqueue, and throw CudaError.
void WriteFresh(const WriteFreshParams& params, cudaStream_t stream);
void PlaceCached(const PlaceCachedParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
