#pragma once

#include "ops/ort.h"
#include "ops/signatures.h"
#include "ops/step.h"

namespace cacheblend {

// Chooses the rows of a step that are active in the first layer, and begins probes. README.md has
// the contract of all ops.
class ChooseRowsKernel {
 public:
  explicit ChooseRowsKernel(const Ort::ConstKernelInfo& info)
      : layer_(LayerKv::FromAttributes(info)) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
};

struct ChooseRowsOp : Ort::CustomOpBase<ChooseRowsOp, ChooseRowsKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "ChooseRows"; }
  size_t GetInputTypeCount() const { return choose_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return ChooseRowsInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return choose_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t index) const {
    return ChooseRowsOutputType(index);
  }
};

}  // namespace cacheblend
