#pragma once

#include <cuda_runtime_api.h>

#include <memory>
#include <utility>

#include "pool/cuda/cuda_event.h"
#include "pool/kv_load.h"

namespace cacheblend {

// Measures one load on a side stream: it starts when the object is made and ends with Stop. Compute
// waits from the event `ready` of its own stream on. Thread-safe after ComputeReady.
class CudaKvLoad {
 public:
  explicit CudaKvLoad(cudaStream_t side);

  void Stop();
  // After Stop: makes later work on the stream wait for the load.
  void Join(cudaStream_t stream) const { stop_->Join(stream); }
  void ComputeReady(std::shared_ptr<const CudaEvent> ready) { ready_ = std::move(ready); }
  // After Stop and ComputeReady.
  KvLoad Wait() const;

 private:
  const cudaStream_t side_;
  const CudaEvent start_;
  std::unique_ptr<const CudaEvent> stop_;
  std::shared_ptr<const CudaEvent> ready_;
};

// The part of a load that belongs to one of its sequences: its share of the injected rows.
class CudaKvLoadShare : public PendingKvLoad {
 public:
  CudaKvLoadShare(std::shared_ptr<const CudaKvLoad> load, double share)
      : load_(std::move(load)), share_(share) {}

  KvLoad Wait() const override;

 private:
  const std::shared_ptr<const CudaKvLoad> load_;
  const double share_;
};

}  // namespace cacheblend
