#include "ops/cuda_side_stream.h"

#include "kernels/cuda/check.h"

namespace cacheblend {

SideStream::SideStream() {
  cuda::Check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking),
              "cudaStreamCreateWithFlags");
}

SideStream::~SideStream() { cudaStreamDestroy(stream_); }

}  // namespace cacheblend
