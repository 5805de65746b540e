#pragma once

#include "kernels/select_rows.h"
#include "ops/ort.h"
#include "ops/signatures.h"
#include "ops/step.h"

namespace cacheblend {

// Throws std::invalid_argument for a keep count below -1, or a compare_keys other than 0 and 1.
void CheckChoices(const int64_t* keep_counts, const int64_t* compare_keys, int64_t num_sequences);

// Selects the rows that stay active after a check layer.
class SelectRowsKernel {
 public:
  explicit SelectRowsKernel(const Ort::ConstKernelInfo& info);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
  const int k_offset_, v_offset_, check_;
};

struct SelectRowsOp : Ort::CustomOpBase<SelectRowsOp, SelectRowsKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "SelectRows"; }
  size_t GetInputTypeCount() const { return select_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return SelectRowsInputType(index, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }
  size_t GetOutputTypeCount() const { return select_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t index) const {
    return SelectRowsOutputType(index);
  }
};

}  // namespace cacheblend
