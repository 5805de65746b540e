#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/paged_kv.h"
#include "kernels/cuda/step_tables.h"

namespace cacheblend::cuda {

// Rows of one sequence in a launch, as the host knows them.
struct SequenceRows {
  int64_t count;
  int64_t position_end;  // position of the last row + 1
};

// Attention of packed query rows over the paged KV of their sequences. The row at position p sees
// exactly the keys [max(0, p - window + 1), p]. Query head h reads KV head
// h / (num_heads / num_kv_heads). All pointers are 16-byte aligned device memory. Slots after the
// last position of a sequence may hold any bits, including NaN; earlier slots must be finite.
struct PartialAttentionParams {
  const void* q;               // [num_rows, num_heads * head_size], rotated
  const int64_t* positions;    // [num_rows], ascending within a sequence
  const int64_t* row_offsets;  // [num_sequences + 1]
  PagedKv kv;
  const BlockTable* block_tables;  // [num_sequences], on the host
  // [num_sequences], on the host. With more than one sequence, they balance the work among thread
  // blocks. Null if the host does not know them.
  const SequenceRows* rows;
  StepTables* tables;  // of the stream
  int64_t num_rows;
  int num_sequences;
  int num_heads;
  int64_t window;  // 0: none
  float scale;
  float soft_cap;        // scores s become soft_cap * tanh(s / soft_cap); 0: none
  int64_t position_end;  // highest position of the launch + 1
  void* out;             // [num_rows, num_heads * head_size]
  void* workspace;       // PartialAttentionWorkspaceBytes(); exclusive to one launch at a time
};

// Error message if the head size is not supported for the element type, else null. fp16 and bf16
// support multiples of 8 up to 256 (tensor cores), fp32 even sizes up to 256 (reference kernel).
const char* UnsupportedHeadSize(ElementType type, int head_size);

// Workspace bytes that suffice for any launch with this head size.
int64_t PartialAttentionWorkspaceBytes(int head_size);

// Enqueues; throws CudaError.
void PartialAttention(const PartialAttentionParams& params, cudaStream_t stream);

// Reference implementation: fp32 arithmetic for all types. Also the fp32 kernel.
void PartialAttentionReference(const PartialAttentionParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
