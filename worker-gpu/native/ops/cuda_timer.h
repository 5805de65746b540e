#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "pool/kv_sequence.h"

namespace cacheblend {

// Time that a stream takes from here to Stop.
class CudaTimer : public PendingNanos {
 public:
  explicit CudaTimer(cudaStream_t stream);
  ~CudaTimer() override;

  void Stop();
  int64_t Wait() const override;

 private:
  const cudaStream_t stream_;
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

}  // namespace cacheblend
