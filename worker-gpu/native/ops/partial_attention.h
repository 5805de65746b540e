#pragma once

#include <cstdint>
#include <vector>

#include "ops/ort.h"
#include "ops/signatures.h"
#include "ops/step.h"

namespace cacheblend {

// The attribute, or 1 / sqrt(head_size) if it is 0.
float ScaleAttribute(const Ort::ConstKernelInfo& info, int head_size);

// The attribute; 0: none.
float SoftCapAttribute(const Ort::ConstKernelInfo& info);

// Query heads; throws std::invalid_argument unless they are a multiple of the KV heads.
int HeadsAttribute(const Ort::ConstKernelInfo& info, const LayerKv& layer);

// Sequences of the step that probe this layer; none without the input. Throws std::invalid_argument
// if the step of such a sequence did not begin a probe.
std::vector<int64_t> ProbingSequences(const Ort::KernelContext& context, int layer,
                                      const SequenceLease& sequences, ShapeTable& table);

// Attention of the active rows over all KV of their sequence, cached and fresh.
class PartialAttentionKernel {
 public:
  explicit PartialAttentionKernel(const Ort::ConstKernelInfo& info);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;
  void Probe(const Ort::KernelContext& context, const StepRows& step,
             const SequenceLease& sequences, const float* q, ShapeTable& table) const;

  const LayerKv layer_;
  const int num_heads_, window_;
  const float scale_, soft_cap_;
};

struct PartialAttentionOp : Ort::CustomOpBase<PartialAttentionOp, PartialAttentionKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "PartialAttention"; }
  size_t GetInputTypeCount() const { return partial_attention::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return PartialAttentionInputType(index, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return PartialAttentionInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
};

}  // namespace cacheblend
