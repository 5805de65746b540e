#pragma once

#include "kernels/cuda/step_tables.h"
#include "ops/cuda_per_stream.h"
#include "ops/cuda_step.h"
#include "ops/signatures.h"

namespace cacheblend {

// LastRows on a CUDA device.
class CudaLastRows {
 public:
  explicit CudaLastRows(const Ort::ConstKernelInfo& info) : layer_(LayerKv::FromAttributes(info)) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context);

  const LayerKv layer_;
  PerStream<cuda::StepTables> tables_;
};

struct CudaLastRowsOp : Ort::CustomOpBase<CudaLastRowsOp, CudaLastRows, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "LastRows"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return last_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  OrtMemType GetInputMemoryType(size_t index) const {
    return index >= last_rows::kSequences ? OrtMemTypeCPUInput : OrtMemTypeDefault;
  }
  size_t GetOutputTypeCount() const { return last_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
};

}  // namespace cacheblend
