#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/injections.h"
#include "kernels/cuda/paged_kv.h"
#include "kernels/cuda/step_tables.h"

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
  void* chunk;         // as Injection::chunk
};

// Rotates queries. Rotates fresh keys and writes fresh keys and values to the sequences of a step.
struct WriteFreshParams {
  Rows q, k, v;                // before rotation
  const int64_t* positions;    // [num_rows], of k and v
  const int64_t* row_offsets;  // [num_sequences + 1]
  const int64_t* query_rows;   // [num_query_rows], row of each query; null: all rows
  RotationTables tables;
  PagedKv kv;
  const BlockTable* block_tables;  // [num_sequences], on the host
  const Capture* captures;         // [num_sequences], on the host; null if nothing is captured
  int64_t num_rows, num_query_rows;
  int num_sequences, num_heads, layer;
  void* q_out;  // [num_query_rows, num_heads * head_size]
};

// Injects cached KV of sequences, keys rotated to their positions.
struct InjectCachedParams {
  // Positions [from, to) of a sequence. Positions >= zeros_from that no chunk covers are cleared.
  struct Fill {
    Injections injections;
    int64_t from, to, zeros_from;
    BlockTable block_table;
  };

  const Fill* fills;  // [num_fills], on the host
  int64_t num_fills;
  int layer;
  RotationTables tables;
  PagedKv kv;
};

// Both enqueue and throw CudaError.
void WriteFresh(const WriteFreshParams& params, StepTables& tables, cudaStream_t stream);
void InjectCached(const InjectCachedParams& params, StepTables& tables, cudaStream_t stream);

}  // namespace cacheblend::cuda
