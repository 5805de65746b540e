#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/paged_kv.h"

namespace cacheblend::cuda {

// Attention of packed rows, each at its own position, over the paged KV of its sequence. The row at
// position p sees exactly the keys [max(0, p - window + 1), p]; query head h reads KV head
// h / (num_heads / num_kv_heads). All pointers are device memory, 16-byte aligned. Slots past the
// last position of a sequence may hold anything, NaN too; those before it must be finite.
struct PartialAttentionParams {
  const void* q;               // [num_rows, num_heads * head_size], rotated
  const int64_t* positions;    // [num_rows], ascending within a sequence
  const int64_t* row_offsets;  // [num_sequences + 1]
  PagedKv kv;
  BlockTables tables;
  int64_t num_rows;
  int num_sequences;
  int num_heads;
  int64_t window;  // 0: none
  float scale;
  int64_t position_end;  // one past the highest position of the step
  void* out;             // [num_rows, num_heads * head_size]
  void* workspace;       // WorkspaceBytes(); used by one launch at a time
};

// What is wrong with a head size for this element type; null where it is supported. fp16 and bf16:
// multiples of 8 up to 128 (tensor cores); fp32: any even size up to 256 (plain kernels, for
// comparison).
const char* UnsupportedHeadSize(ElementType type, int head_size);

// Bytes of workspace that any launch with this head size can need.
int64_t PartialAttentionWorkspaceBytes(int head_size);

// Enqueues; throws CudaError.
void PartialAttention(const PartialAttentionParams& params, cudaStream_t stream);

// The naive twin: plain arithmetic in fp32, for every type. What tests and benchmarks compare with.
void PartialAttentionReference(const PartialAttentionParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
