#pragma once

#include "ops/cuda_step.h"
#include "ops/first_rows.h"

namespace cacheblend {

// FirstRows on a CUDA device.
class CudaFirstRows {
 public:
  OrtStatusPtr ComputeV2(OrtKernelContext* context);
};

struct CudaFirstRowsOp : FirstRowsOpBase<CudaFirstRowsOp, CudaFirstRows> {
  const char* GetExecutionProviderType() const { return kCudaProvider; }
};

}  // namespace cacheblend
