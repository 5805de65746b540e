#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/placements.h"

namespace cacheblend::cuda {

// What a selection does with one sequence.
struct SequenceChoice {
  Placements placements;
  int64_t keep_count;   // cached rows to keep; -1: nothing is compared, all rows stay
  int64_t kept_offset;  // rows that the sequences before it keep
  bool compare_keys;    // else values
};

// Scores rows by the squared L2 distance to their cached twin and keeps, in each sequence, the
// forced ones (no cached twin, or last of the sequence) and the `keep_count` highest scores. Ties
// go to the lower row; a score that is not a number ranks as infinite.
struct SelectRowsParams {
  Rows k, v;                   // fresh, before rotation
  const int64_t* positions;    // [num_rows]
  const int64_t* row_offsets;  // [num_sequences + 1]
  SequenceChoice choices[kMaxStepSequences];
  ElementType type;
  int layer;
  int64_t row_size;  // num_kv_heads * head_size
  int64_t num_rows, num_kept_rows;
  int num_sequences;
  float* scores;              // [num_rows]; -1 where a row is forced or nothing was compared
  int64_t* kept_rows;         // [num_kept_rows], ascending
  int64_t* kept_positions;    // [num_kept_rows]
  int64_t* kept_row_offsets;  // [num_sequences + 1]
};

// Enqueues; throws CudaError. Nothing goes through the host.
void SelectRows(const SelectRowsParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
