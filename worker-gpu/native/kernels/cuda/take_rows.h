#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// Copies rows of a table, in the order in which they are named. A row that the table does not have
// is zero.
struct TakeRowsParams {
  const void* table;    // [table_rows, size]
  const int64_t* rows;  // [num_rows]
  int64_t table_rows, num_rows, size;
  ElementType type;  // of 16 bits
  void* out;         // [num_rows, size]
};

// Enqueues; throws CudaError.
void TakeRows(const TakeRowsParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
