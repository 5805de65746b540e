#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "kernels/element_type.h"

namespace cacheblend::cuda {

// cuBLASLt cannot be loaded, or a call failed.
class MatmulError : public std::runtime_error {
 public:
  explicit MatmulError(const std::string& what) : std::runtime_error(what) {}
};

// y = x * weight^T + bias + residual, summed in fp32.
struct MatmulParams {
  const void* x;         // [num_rows, in_size]
  const void* weight;    // [out_size, in_size]
  const void* bias;      // [out_size], or null
  const void* residual;  // [num_rows, out_size], or null
  int64_t num_rows, in_size, out_size;
  ElementType type;  // of all tensors; 16 bits
  void* y;           // [num_rows, out_size]
};

// Matrix products through cuBLASLt on the device that is current at construction. Products share
// one workspace, so they must be enqueued on one stream. Plans are cached per row bucket
// (RowBucket), the least recently used ones are evicted. Thread-safe.
class Matmul {
 public:
  Matmul();
  Matmul(const Matmul&) = delete;
  ~Matmul();

  // Enqueues; throws MatmulError.
  void Multiply(const MatmulParams& params, cudaStream_t stream);

  // Cached plans.
  size_t plan_count() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace cacheblend::cuda
