#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/matmul.h"

namespace cacheblend {

// What computes matrix products on a stream of the current device, shared by all who ask for it. It
// holds a workspace, and lives as long as somebody keeps it.
std::shared_ptr<cuda::Matmul> ProductsOnStream(cudaStream_t stream);

}  // namespace cacheblend
