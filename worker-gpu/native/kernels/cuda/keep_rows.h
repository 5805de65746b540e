#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/step_tables.h"

namespace cacheblend::cuda {

// Keeps, in each sequence, the forced rows and the highest-ranked other rows. Ties go to the lower
// row; NaN ranks as infinity.
struct KeepRowsParams {
  struct Keep {
    int64_t count;   // rows to keep beside the forced rows; -1 keeps all rows
    int64_t offset;  // kept rows of preceding sequences
  };

  const float* ranks;          // [rows]; below 0 for a forced row, without meaning where all stay
  const int64_t* row_offsets;  // [num_sequences + 1]
  const Keep* keeps;           // [num_sequences], on the host
  int num_sequences;
  int64_t num_kept_rows;
  const int64_t* positions;  // [rows]
  // [rows], or null. A negative id -1 - i stands for token i of an earlier step.
  const int64_t* token_ids;
  const int64_t* earlier_tokens;  // [num_earlier_tokens]
  int num_earlier_tokens;
  int64_t* kept_rows;         // [num_kept_rows], ascending, or null
  int64_t* kept_positions;    // [num_kept_rows]
  int64_t* kept_token_ids;    // [num_kept_rows], or null
  int64_t* kept_row_offsets;  // [num_sequences + 1]
};

// Enqueues without host synchronization; throws CudaError.
void KeepRows(const KeepRowsParams& params, StepTables& tables, cudaStream_t stream);

}  // namespace cacheblend::cuda
