#pragma once

#include "ops/ort.h"
#include "ops/step.h"

namespace cacheblend {

// Attention of the active rows over the whole mixed KV of their sequence.
class PartialAttentionKernel {
 public:
  explicit PartialAttentionKernel(const Ort::ConstKernelInfo& info);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
  const int num_heads_, window_;
  const float scale_;
};

struct PartialAttentionOp : Ort::CustomOpBase<PartialAttentionOp, PartialAttentionKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "PartialAttention"; }
  size_t GetInputTypeCount() const { return 4; }
  ONNXTensorElementDataType GetInputType(size_t index) const;
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
};

}  // namespace cacheblend
