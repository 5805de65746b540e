#pragma once

#include "kernels/cuda/linear.h"
#include "ops/cuda_per_stream.h"
#include "ops/cuda_step.h"
#include "ops/signatures.h"

namespace cacheblend {

// A projection with the RMSNorm before it and the gate or residual after it.
class CudaLinear {
 public:
  CudaLinear(const Ort::ConstKernelInfo& info, ElementType type);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context);

  const ElementType type_;
  const bool gated_;
  const cuda::Gate gate_;
  const float epsilon_, norm_offset_;

  PerStream<cuda::Matmul> products_;
};

class CudaLinearOp : public Ort::CustomOpBase<CudaLinearOp, CudaLinear, true> {
 public:
  explicit CudaLinearOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "Linear"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return linear::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const { return OnnxType(type_); }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return LinearInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const { return OnnxType(type_); }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
