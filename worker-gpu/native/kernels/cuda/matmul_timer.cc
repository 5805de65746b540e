#include "kernels/cuda/matmul_timer.h"

#include <algorithm>
#include <limits>

#include "kernels/cuda/check.h"
#include "kernels/cuda/once_per_device.h"

namespace cacheblend::cuda {

namespace {

constexpr int64_t kAlignment = 256;
constexpr int kFill = 0x3c;  // positive numbers in both types: zeros are multiplied faster

int64_t Aligned(int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

MatmulTimer::MatmulTimer(const MatmulParams& p, int64_t max_rows, cudaStream_t stream) {
  y_offset_ = Aligned(max_rows * p.in_size * ElementBytes(p.type));
  const int64_t y_bytes = Aligned(max_rows * p.out_size * ElementBytes(p.type));
  residual_offset_ = y_offset_ + y_bytes;
  byte_count_ = std::max(residual_offset_ + y_bytes,
                         2 * static_cast<int64_t>(DeviceAttribute(cudaDevAttrL2CacheSize)));
  if (cudaMalloc(reinterpret_cast<void**>(&memory_), byte_count_) != cudaSuccess) {
    cudaGetLastError();
    memory_ = nullptr;
    return;
  }
  for (int run = 0; run < kRuns; ++run) {
    Check(cudaEventCreate(&begin_[run]), "cudaEventCreate");
    Check(cudaEventCreate(&end_[run]), "cudaEventCreate");
  }
  Check(cudaStreamSynchronize(stream), "cudaStreamSynchronize before products are timed");
}

MatmulTimer::~MatmulTimer() {
  for (int run = 0; run < kRuns; ++run) {
    if (begin_[run] != nullptr) cudaEventDestroy(begin_[run]);
    if (end_[run] != nullptr) cudaEventDestroy(end_[run]);
  }
  cudaFree(memory_);
}

MatmulParams MatmulTimer::Params(const MatmulParams& p) const {
  MatmulParams timed = p;
  timed.x = memory_;
  timed.y = memory_ + y_offset_;
  if (p.residual != nullptr) timed.residual = memory_ + residual_offset_;
  return timed;
}

double MatmulTimer::Seconds(const std::function<void()>& enqueue, cudaStream_t stream) const {
  try {
    for (int run = 0; run < kRuns; ++run) {
      // Replaces what L2 holds, and gives the host time to enqueue the product.
      Check(cudaMemsetAsync(memory_, kFill, byte_count_, stream), "cudaMemsetAsync of a timer");
      Check(cudaEventRecord(begin_[run], stream), "cudaEventRecord of a timer");
      enqueue();
      Check(cudaEventRecord(end_[run], stream), "cudaEventRecord of a timer");
    }
  } catch (const MatmulError&) {  // an algorithm that does not take this row count
    return std::numeric_limits<double>::infinity();
  }
  Check(cudaEventSynchronize(end_[kRuns - 1]), "cudaEventSynchronize of a timer");
  float millis[kRuns];
  for (int run = 0; run < kRuns; ++run) {
    Check(cudaEventElapsedTime(&millis[run], begin_[run], end_[run]), "cudaEventElapsedTime");
  }
  std::sort(millis, millis + kRuns);
  return millis[kRuns / 2] / 1e3;
}

}  // namespace cacheblend::cuda
