#pragma once

#include "ops/ort.h"

namespace cacheblend {

// The ops for the CUDA execution provider; none where the library is built without CUDA.
void AddCudaOps(Ort::CustomOpDomain& domain);

}  // namespace cacheblend
