#include "ops/cuda_timer.h"

#include <cmath>

#include "kernels/cuda/check.h"

namespace cacheblend {

using cuda::Check;

CudaTimer::CudaTimer(cudaStream_t stream) : stream_(stream) {
  Check(cudaEventCreate(&start_), "cudaEventCreate");
  Check(cudaEventCreate(&stop_), "cudaEventCreate");
  Check(cudaEventRecord(start_, stream_), "cudaEventRecord");
}

CudaTimer::~CudaTimer() {
  if (start_ != nullptr) cudaEventDestroy(start_);
  if (stop_ != nullptr) cudaEventDestroy(stop_);
}

void CudaTimer::Stop() { Check(cudaEventRecord(stop_, stream_), "cudaEventRecord"); }

int64_t CudaTimer::Wait() const {
  Check(cudaEventSynchronize(stop_), "cudaEventSynchronize");
  float millis = 0;
  Check(cudaEventElapsedTime(&millis, start_, stop_), "cudaEventElapsedTime");
  return std::llround(millis * 1e6);
}

}  // namespace cacheblend
