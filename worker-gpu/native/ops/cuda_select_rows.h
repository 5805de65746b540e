#pragma once

#include "kernels/cuda/select_rows.h"
#include "kernels/cuda/step_tables.h"
#include "ops/cuda_per_stream.h"
#include "ops/cuda_step.h"
#include "ops/signatures.h"

namespace cacheblend {

// SelectRows on a CUDA device. The host computes how many rows stay, the device which rows.
class CudaSelectRows {
 public:
  CudaSelectRows(const Ort::ConstKernelInfo& info, ElementType type);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context);

  const LayerKv layer_;
  const ElementType type_;
  const int k_offset_, v_offset_, check_;
  PerStream<cuda::StepTables> tables_;
};

class CudaSelectRowsOp : public Ort::CustomOpBase<CudaSelectRowsOp, CudaSelectRows, true> {
 public:
  explicit CudaSelectRowsOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "SelectRows"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return select_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return SelectRowsInputType(index, OnnxType(type_));
  }
  OrtMemType GetInputMemoryType(size_t index) const;
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return SelectRowsInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return select_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t index) const {
    return SelectRowsOutputType(index);
  }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
