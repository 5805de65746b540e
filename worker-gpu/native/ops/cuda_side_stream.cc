#include "ops/cuda_side_stream.h"

#include "kernels/cuda/check.h"

namespace cacheblend {

using cuda::Check;

SideStream::SideStream() {
  Check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  const cudaError_t code = cudaEventCreateWithFlags(&done_, cudaEventDisableTiming);
  if (code != cudaSuccess) cudaStreamDestroy(stream_);
  Check(code, "cudaEventCreateWithFlags");
}

SideStream::~SideStream() {
  cudaEventDestroy(done_);
  cudaStreamDestroy(stream_);
}

void SideStream::Join(cudaStream_t step) const {
  Check(cudaEventRecord(done_, stream_), "cudaEventRecord");
  Check(cudaStreamWaitEvent(step, done_, 0), "cudaStreamWaitEvent");
}

}  // namespace cacheblend
