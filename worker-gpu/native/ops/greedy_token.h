#pragma once

#include "ops/ort.h"
#include "ops/signatures.h"

namespace cacheblend {

// Argmax of each row of logits; -1 if the row's maximum is not finite. Also writes them to the
// tokens of the step.
class GreedyTokenKernel {
 public:
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;
};

struct GreedyTokenOp : Ort::CustomOpBase<GreedyTokenOp, GreedyTokenKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "GreedyToken"; }
  size_t GetInputTypeCount() const { return greedy_token::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return index == greedy_token::kLogits ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
                                          : ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return GreedyTokenInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
};

}  // namespace cacheblend
