#pragma once

#include <cuda_runtime_api.h>

namespace cacheblend {

// A second stream of the current device, for work that does not depend on the step. The host
// enqueues ahead of the device, so this work usually ends before the step needs it.
class SideStream {
 public:
  SideStream();
  ~SideStream();
  SideStream(const SideStream&) = delete;

  cudaStream_t stream() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

}  // namespace cacheblend
