#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/gate.h"
#include "kernels/element_type.h"

namespace cacheblend::cuda {

// out = activation(gate) * up. A row of `in` holds the columns of gate, then those of up.
struct GatedRowsParams {
  const void* in;  // [num_rows, 2 * size]
  int64_t num_rows, size;
  Gate gate;
  ElementType type;  // 16 bits
  void* out;         // [num_rows, size]
};

// Enqueues; throws CudaError.
void GatedRows(const GatedRowsParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
