#pragma once

#include "ops/cuda_step.h"
#include "ops/signatures.h"

namespace cacheblend {

// ArgMax of the logits. ONNX Runtime's ArgMax takes a fifth of a decoding step.
class CudaGreedyToken {
 public:
  explicit CudaGreedyToken(ElementType type) : type_(type) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const ElementType type_;
};

class CudaGreedyTokenOp : public Ort::CustomOpBase<CudaGreedyTokenOp, CudaGreedyToken, true> {
 public:
  explicit CudaGreedyTokenOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "GreedyToken"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return greedy_token::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return index == greedy_token::kLogits ? OnnxType(type_) : ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return GreedyTokenInputCharacteristic(index);
  }
  OrtMemType GetInputMemoryType(size_t index) const {
    return index == greedy_token::kStepTokens ? OrtMemTypeCPUInput : OrtMemTypeDefault;
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
