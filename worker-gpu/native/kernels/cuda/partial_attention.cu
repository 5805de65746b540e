#include "kernels/cuda/disabled_kernels.h"
#include "kernels/cuda/partial_attention.h"
#include "kernels/cuda/partial_attention_plan.h"

namespace cacheblend::cuda {

const char* UnsupportedHeadSize(ElementType type, int head_size) {
  if (type == ElementType::kFloat32) {
    return head_size >= 2 && head_size <= 256 && head_size % 2 == 0
               ? nullptr
               : "fp32 attention on CUDA supports even head sizes from 2 to 256";
  }
  return head_size >= 8 && head_size <= 256 && head_size % 8 == 0
             ? nullptr
             : "16-bit attention on CUDA supports head sizes that are multiples of 8 up to 256";
}

void PartialAttention(const PartialAttentionParams& params, cudaStream_t stream) {
  if (params.num_rows == 0) return;
  if (params.kv.type == ElementType::kFloat32) return PartialAttentionReference(params, stream);
  static const bool no_items = IsDisabled("items");
  if (params.num_sequences > 1 && params.rows != nullptr && !no_items) {
    return RunBatch(params, PlanBatch(params, CurrentGpu()), stream);
  }
  RunPlan(params, PlanAttention(params, CurrentGpu()), stream);
}

}  // namespace cacheblend::cuda
