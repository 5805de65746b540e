#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/injections.h"
#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/masses.h"
#include "kernels/cuda/step_tables.h"

namespace cacheblend::cuda {

// Selection parameters of one sequence.
struct SequenceChoice {
  Injections injections;
  int64_t keep_count;   // cached rows to keep; -1 keeps all rows without scoring
  int64_t kept_offset;  // kept rows of preceding sequences
  bool compare_keys;    // false: values are compared
  Masses masses;        // factors of the scores; without data: 1
};

// Scores rows by the weighted squared L2 distance between fresh and cached KV. Keeps, in each
// sequence, the forced rows (without cached KV, or last of the sequence) and the `keep_count`
// highest scores. Ties go to the lower row; NaN ranks as infinity.
struct SelectRowsParams {
  Rows k, v;                      // fresh, before rotation
  const int64_t* positions;       // [num_rows]
  const int64_t* row_offsets;     // [num_sequences + 1]
  const SequenceChoice* choices;  // [num_sequences], on the host
  ElementType type;
  int layer;
  int64_t row_size;  // num_kv_heads * head_size
  int64_t num_rows, num_kept_rows;
  int num_sequences;
  float* scores;              // [num_rows]; -1 for rows that are not scored
  int64_t* kept_rows;         // [num_kept_rows], ascending
  int64_t* kept_positions;    // [num_kept_rows]
  int64_t* kept_row_offsets;  // [num_sequences + 1]
};

// Enqueues without host synchronization; throws CudaError.
void SelectRows(const SelectRowsParams& params, StepTables& tables, cudaStream_t stream);

}  // namespace cacheblend::cuda
