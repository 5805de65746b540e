#pragma once

#include "ops/ort.h"

namespace cacheblend {

// Adds the ops of the CUDA execution provider; none in a build without CUDA.
void AddCudaOps(Ort::CustomOpDomain& domain);

}  // namespace cacheblend
