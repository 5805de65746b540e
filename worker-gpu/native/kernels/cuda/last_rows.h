#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/step_tables.h"

namespace cacheblend::cuda {

// The last rows of each sequence.
struct LastRowsParams {
  struct Sequence {
    int64_t count;   // rows to take
    int64_t offset;  // taken rows of preceding sequences
  };

  const int64_t* positions;    // [rows]
  const int64_t* row_offsets;  // [num_sequences + 1]
  const Sequence* sequences;   // [num_sequences], on the host
  int num_sequences;
  int num_ends;                // the first sequences, which have an end
  int64_t total;               // taken rows of all sequences
  int64_t* query_rows;         // [total]
  int64_t* query_positions;    // [total]
  int64_t* query_row_offsets;  // [num_sequences + 1]
  int64_t* ends;               // [num_ends], index among the taken rows of the last one
  int64_t* last_rows;          // [num_ends], its row
};

// Enqueues; throws CudaError.
void LastRows(const LastRowsParams& params, StepTables& tables, cudaStream_t stream);

}  // namespace cacheblend::cuda
