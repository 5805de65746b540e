#pragma once

#include "ops/cuda_step.h"
#include "ops/signatures.h"

namespace cacheblend {

// RMSNorm of rows or heads, with the addition to the residual stream after it. ONNX Runtime's
// kernels take no offset of the weights.
class CudaRmsNorm {
 public:
  CudaRmsNorm(const Ort::ConstKernelInfo& info, ElementType type);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const ElementType type_;
  const float epsilon_, norm_offset_;
};

class CudaRmsNormOp : public Ort::CustomOpBase<CudaRmsNormOp, CudaRmsNorm, true> {
 public:
  explicit CudaRmsNormOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "RmsNorm"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return rms_norm::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const { return OnnxType(type_); }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return RmsNormInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const { return OnnxType(type_); }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
