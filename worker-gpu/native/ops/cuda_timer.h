#pragma once

#include <cuda_runtime_api.h>

#include "pool/kv_sequence.h"

namespace cacheblend {

// Time that a stream of the current device takes from here to Stop.
class CudaTimer : public PendingNanos {
 public:
  explicit CudaTimer(cudaStream_t stream);
  ~CudaTimer() override;
  CudaTimer(const CudaTimer&) = delete;
  CudaTimer& operator=(const CudaTimer&) = delete;

  void Stop();
  int64_t Wait() const override;

 private:
  const cudaStream_t stream_;
  int device_ = 0;
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

}  // namespace cacheblend
