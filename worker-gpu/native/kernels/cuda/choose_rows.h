#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/injections.h"
#include "kernels/cuda/masses.h"
#include "kernels/cuda/step_tables.h"

namespace cacheblend::cuda {

// Scores rows by their attention, and ranks them: infinity for row `index` of a chunk if index <
// head_depth, or index == head_depth and the position is lower than head_end. Forced rows (without
// cached KV, or last of the sequence) and rows of sequences without masses have -1.
struct RankRowsParams {
  struct Sequence {
    Injections injections;
    Masses masses;
    int64_t head_depth, head_end;
  };

  const int64_t* positions;    // [num_rows]
  const int64_t* row_offsets;  // [num_sequences + 1]
  const Sequence* sequences;   // [num_sequences], on the host
  int64_t num_rows;
  int num_sequences;
  float* scores;  // [num_rows]
  float* ranks;   // [num_rows]
};

// Spreads selections to the right, as ExpandRows of kernels/keep_rows.h does. Rows of a sequence
// that expands have adjacent positions.
struct ExpandRowsParams {
  struct Sequence {
    int64_t anchor_count, count;  // equal: the sequence does not expand
    int64_t workspace_offset;     // bytes, from ExpandRowsBytes of preceding sequences
  };

  float* ranks;                // [rows]
  const int64_t* row_offsets;  // [num_sequences + 1]
  const Sequence* sequences;   // [num_sequences], on the host
  int num_sequences;
  void* workspace;  // 8-byte aligned
};

// Workspace of a sequence, a multiple of 8.
int64_t ExpandRowsBytes(int64_t anchor_count);

// Both enqueue and throw CudaError.
void RankRows(const RankRowsParams& params, StepTables& tables, cudaStream_t stream);
void ExpandRows(const ExpandRowsParams& params, StepTables& tables, cudaStream_t stream);

}  // namespace cacheblend::cuda
