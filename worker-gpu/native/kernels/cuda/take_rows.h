#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// Gathers rows of a table. A row index out of range gives zeros.
struct TakeRowsParams {
  const void* table;    // [table_rows, size]
  const int64_t* rows;  // [num_rows]
  int64_t table_rows, num_rows, size;
  ElementType type;  // 16 bits
  void* out;         // [num_rows, size]
};

// Enqueues; throws CudaError.
void TakeRows(const TakeRowsParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
