#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/gate.h"
#include "kernels/cuda/matmul.h"
#include "kernels/element_type.h"

namespace cacheblend::cuda {

// y = f(norm(x) * weight^T + bias) + residual in fp16 or bf16, accumulated in fp32, with
//   norm(x) = x / sqrt(mean(x^2) + epsilon) * (norm_weight + norm_offset) if norm_weight is given,
//             else x;
//   f       = gate(first half of a row) * second half if gated, else the identity.
struct LinearParams {
  const void* x;            // [num_rows, in_size]
  const void* norm_weight;  // [in_size], or null
  // [weight rows, in_size]: 2 * out_size rows if gated, else out_size. Must be constant: it is read
  // before preceding kernels have completed.
  const void* weight;
  const void* bias;      // [weight rows], or null
  const void* residual;  // [num_rows, out_size], or null; must be null if gated
  int64_t num_rows, in_size, out_size;
  float epsilon, norm_offset;
  bool gated;
  Gate gate;
  ElementType type;
  void* y;  // [num_rows, out_size]

  int64_t WeightRows() const { return gated ? 2 * out_size : out_size; }
};

// Bytes of device memory that Linear uses until its kernels complete.
int64_t LinearWorkspaceBytes(const LinearParams& params);

// Enqueues; throws CudaError or MatmulError. One row uses StreamLinear if CanStream; otherwise
// cuBLASLt and separate kernels for norm and gate. `workspace` is aligned to 256 bytes.
void Linear(const LinearParams& params, void* workspace, Matmul& matmul, cudaStream_t stream);

// A single kernel for at most four rows of 36 KB in total, which streams the weights once at memory
// bandwidth. Needs compute capability 9.0 and 100 KB of shared memory per thread block.
bool CanStream(const LinearParams& params);
void StreamLinear(const LinearParams& params, cudaStream_t stream);

}  // namespace cacheblend::cuda
