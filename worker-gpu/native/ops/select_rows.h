#pragma once

#include "kernels/select_rows.h"
#include "ops/ort.h"
#include "ops/step.h"

namespace cacheblend {

// Chooses the rows that stay active after a check layer.
class SelectRowsKernel {
 public:
  explicit SelectRowsKernel(const Ort::ConstKernelInfo& info);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
  const int k_offset_, v_offset_;
};

struct SelectRowsOp : Ort::CustomOpBase<SelectRowsOp, SelectRowsKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "SelectRows"; }
  size_t GetInputTypeCount() const { return 7; }
  ONNXTensorElementDataType GetInputType(size_t index) const;
  size_t GetOutputTypeCount() const { return 4; }
  ONNXTensorElementDataType GetOutputType(size_t index) const;
};

}  // namespace cacheblend
