#pragma once

#include <cuda_runtime_api.h>

#include "pool/fence.h"

namespace cacheblend {

// A point of a stream of the current device. Events are pooled per device: creating one costs more
// than recording it, and every layer of a blend needs several.
class CudaEvent : public Fence {
 public:
  explicit CudaEvent(cudaStream_t stream);  // records
  ~CudaEvent() override;
  CudaEvent(const CudaEvent&) = delete;
  CudaEvent& operator=(const CudaEvent&) = delete;

  void Wait() const override;
  bool Passed() const override;
  // Makes later work on the stream wait for this point.
  void Join(cudaStream_t stream) const;
  // Negative where this event came first. Both must have passed.
  double NanosSince(const CudaEvent& other) const;

 private:
  int device_ = 0;
  cudaEvent_t event_ = nullptr;
};

}  // namespace cacheblend
