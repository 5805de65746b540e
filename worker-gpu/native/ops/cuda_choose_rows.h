#pragma once

#include "kernels/cuda/step_tables.h"
#include "ops/choices.h"
#include "ops/cuda_per_stream.h"
#include "ops/cuda_step.h"
#include "ops/signatures.h"
#include "pool/cuda/cuda_workspace.h"

namespace cacheblend {

// ChooseRows on a CUDA device. The host computes how many rows are chosen, the device which rows.
class CudaChooseRows {
 public:
  explicit CudaChooseRows(const Ort::ConstKernelInfo& info)
      : layer_(LayerKv::FromAttributes(info)) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context);
  void Rank(const CudaStepRows& step, const SequenceLease& sequences, const Choices& choices,
            float* scores, float* ranks, void* workspace, cudaStream_t stream);

  const LayerKv layer_;
  PerStream<CudaWorkspace> workspace_;
  PerStream<cuda::StepTables> tables_;
};

struct CudaChooseRowsOp : Ort::CustomOpBase<CudaChooseRowsOp, CudaChooseRows, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "ChooseRows"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return choose_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return ChooseRowsInputCharacteristic(index);
  }
  OrtMemType GetInputMemoryType(size_t index) const {
    return index >= choose_rows::kSequences ? OrtMemTypeCPUInput : OrtMemTypeDefault;
  }
  size_t GetOutputTypeCount() const { return choose_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t index) const {
    return ChooseRowsOutputType(index);
  }
};

}  // namespace cacheblend
