#pragma once

#include <cuda_runtime_api.h>

namespace cacheblend {

// A stream of the current device beside the one that a step runs on, for work that depends on
// nothing of the step: the host enqueues ahead of the device, so it is done when the step needs it.
class SideStream {
 public:
  SideStream();
  ~SideStream();
  SideStream(const SideStream&) = delete;

  cudaStream_t stream() const { return stream_; }

  // What is enqueued on `step` from here on comes after all that was enqueued on this stream.
  void Join(cudaStream_t step) const;

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t done_ = nullptr;
};

}  // namespace cacheblend
