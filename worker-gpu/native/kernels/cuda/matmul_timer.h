#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>

#include "kernels/cuda/matmul.h"

namespace cacheblend::cuda {

// Times products on memory of its own, with the weights outside of L2.
class MatmulTimer {
 public:
  // For products of this shape with at most `max_rows` rows.
  MatmulTimer(const MatmulParams& params, int64_t max_rows, cudaStream_t stream);
  ~MatmulTimer();
  MatmulTimer(const MatmulTimer&) = delete;

  // Whether the device has the memory.
  bool can_time() const { return memory_ != nullptr; }
  // The product with rows, residual and result in the timer's memory.
  MatmulParams Params(const MatmulParams& params) const;
  // Median time of what `enqueue` enqueues on the stream; infinity if that throws MatmulError.
  // Waits for the device.
  double Seconds(const std::function<void()>& enqueue, cudaStream_t stream) const;

 private:
  static constexpr int kRuns = 5;

  char* memory_ = nullptr;
  int64_t byte_count_ = 0, y_offset_ = 0, residual_offset_ = 0;
  cudaEvent_t begin_[kRuns] = {}, end_[kRuns] = {};
};

}  // namespace cacheblend::cuda
