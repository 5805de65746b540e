#pragma once

#include <vector>

#include "kernels/cuda/partial_attention.h"
#include "kernels/cuda/step_tables.h"
#include "ops/cuda_per_stream.h"
#include "ops/cuda_step.h"
#include "ops/signatures.h"
#include "pool/cuda/cuda_workspace.h"

namespace cacheblend {

// PartialAttention on a CUDA device.
class CudaPartialAttention {
 public:
  CudaPartialAttention(const Ort::ConstKernelInfo& info, ElementType type);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context);
  void Probe(const std::vector<int64_t>& probing, const SequenceLease& sequences,
             const cuda::PartialAttentionParams& attention, CudaWorkspace& workspace,
             cudaStream_t stream) const;

  // Rows of each sequence, as the step's selections or `query_counts` leave them; empty if neither
  // gives the rows of this op.
  std::vector<cuda::SequenceRows> RowsOf(const Ort::KernelContext& context,
                                         const SequenceLease& sequences, ShapeTable& table) const;

  const LayerKv layer_;
  const ElementType type_;
  const int num_heads_, window_;
  const float scale_, soft_cap_;
  PerStream<CudaWorkspace> workspace_;
  PerStream<cuda::StepTables> tables_;
};

class CudaPartialAttentionOp
    : public Ort::CustomOpBase<CudaPartialAttentionOp, CudaPartialAttention, true> {
 public:
  explicit CudaPartialAttentionOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "PartialAttention"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return partial_attention::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return PartialAttentionInputType(index, OnnxType(type_));
  }
  OrtMemType GetInputMemoryType(size_t index) const {
    return index >= partial_attention::kSequences ? OrtMemTypeCPUInput : OrtMemTypeDefault;
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return PartialAttentionInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const { return OnnxType(type_); }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
