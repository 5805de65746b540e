#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/matmul.h"
#include "kernels/element_type.h"

namespace cacheblend::cuda {

// y = f(norm(x) * weight^T + bias) + residual, in fp16 or bf16, summed in fp32, with
//   norm(x) = x / sqrt(mean(x^2) + epsilon) * norm_weight where norm_weight is given, else x;
//   f       = silu(first half) * second half of a row where gated, else the row.
struct LinearParams {
  const void* x;            // [num_rows, in_size]
  const void* norm_weight;  // [in_size], or null
  // [weight rows, in_size]: 2 * out_size rows where gated, else out_size. Constant: it is read
  // before the kernels ahead have ended.
  const void* weight;
  const void* bias;      // [weight rows], or null
  const void* residual;  // [num_rows, out_size], or null; not where gated
  int64_t num_rows, in_size, out_size;
  float epsilon;
  bool gated;
  ElementType type;
  void* y;  // [num_rows, out_size]

  int64_t WeightRows() const { return gated ? 2 * out_size : out_size; }
};

// Bytes of device memory that Linear needs until its work is done.
int64_t LinearWorkspaceBytes(const LinearParams& params);

// Enqueues; throws CudaError, or MatmulError.
void Linear(const LinearParams& params, void* workspace, Matmul& matmul, cudaStream_t stream);

// One kernel for a few rows, up to four and 36 KB of them: the weights go past them once, at the
// memory's rate. Compute capability 9.0 and later, with 100 KB of shared memory for a thread block.
bool CanStream(const LinearParams& params);
void StreamLinear(const LinearParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
