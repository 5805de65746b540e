#include "ops/cuda_ops.h"

namespace cacheblend {

void AddCudaOps(Ort::CustomOpDomain&) {}

}  // namespace cacheblend
