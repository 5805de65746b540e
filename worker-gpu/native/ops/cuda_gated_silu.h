#pragma once

#include "ops/cuda_step.h"

namespace cacheblend {

// silu(gate) * up of the rows [gate, up]: what ONNX Runtime would make three passes over memory.
class CudaGatedSilu {
 public:
  explicit CudaGatedSilu(ElementType type) : type_(type) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const ElementType type_;
};

class CudaGatedSiluOp : public Ort::CustomOpBase<CudaGatedSiluOp, CudaGatedSilu, true> {
 public:
  explicit CudaGatedSiluOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "GatedSilu"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetInputType(size_t) const { return OnnxType(type_); }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const { return OnnxType(type_); }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
