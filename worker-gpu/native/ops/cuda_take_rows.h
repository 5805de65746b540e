#pragma once

#include "ops/cuda_step.h"
#include "ops/signatures.h"

namespace cacheblend {

// Gather of whole rows. ONNX Runtime's Gather copies element by element, which takes several times
// as long.
class CudaTakeRows {
 public:
  explicit CudaTakeRows(ElementType type) : type_(type) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const ElementType type_;
};

class CudaTakeRowsOp : public Ort::CustomOpBase<CudaTakeRowsOp, CudaTakeRows, true> {
 public:
  explicit CudaTakeRowsOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "TakeRows"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return take_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return index == take_rows::kTable ? OnnxType(type_) : ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const { return OnnxType(type_); }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
