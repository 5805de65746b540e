#include "ops/cuda_ops.h"

#include "ops/cuda_choose_rows.h"
#include "ops/cuda_first_rows.h"
#include "ops/cuda_greedy_token.h"
#include "ops/cuda_kv_inject.h"
#include "ops/cuda_last_rows.h"
#include "ops/cuda_linear.h"
#include "ops/cuda_partial_attention.h"
#include "ops/cuda_rms_norm.h"
#include "ops/cuda_select_rows.h"
#include "ops/cuda_take_rows.h"

namespace cacheblend {

void AddCudaOps(Ort::CustomOpDomain& domain) {
  domain.Add(new CudaChooseRowsOp);
  domain.Add(new CudaLastRowsOp);
  domain.Add(new CudaFirstRowsOp);
  for (const ElementType type :
       {ElementType::kFloat32, ElementType::kFloat16, ElementType::kBFloat16}) {
    domain.Add(new CudaKvInjectOp(type));
    domain.Add(new CudaSelectRowsOp(type));
    domain.Add(new CudaPartialAttentionOp(type));
    domain.Add(new CudaGreedyTokenOp(type));
    if (type == ElementType::kFloat32) continue;
    domain.Add(new CudaLinearOp(type));
    domain.Add(new CudaRmsNormOp(type));
    domain.Add(new CudaTakeRowsOp(type));
  }
}

}  // namespace cacheblend
