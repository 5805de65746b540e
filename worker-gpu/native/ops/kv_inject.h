#pragma once

#include "ops/ort.h"
#include "ops/signatures.h"
#include "ops/step.h"

namespace cacheblend {

// Injects cached KV, writes fresh KV and rotates queries. README.md has the contract of all ops.
class KvInject {
 public:
  explicit KvInject(const Ort::ConstKernelInfo& info);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
  const int num_heads_, q_offset_, k_offset_, v_offset_;
};

struct KvInjectOp : Ort::CustomOpBase<KvInjectOp, KvInject, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "KvInject"; }
  size_t GetInputTypeCount() const { return kv_inject::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return KvInjectInputType(index, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return KvInjectInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
};

}  // namespace cacheblend
