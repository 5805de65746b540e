#pragma once

#include <vector>

#include "kernels/cuda/kv_inject.h"
#include "ops/cuda_per_stream.h"
#include "ops/cuda_side_stream.h"
#include "ops/cuda_step.h"
#include "ops/signatures.h"
#include "pool/sequence_step.h"

namespace cacheblend {

// KvInject on a CUDA device.
class CudaKvInject {
 public:
  CudaKvInject(const Ort::ConstKernelInfo& info, ElementType type);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context);
  void BeginSteps(const Ort::KernelContext& context, const SequenceLease& sequences,
                  int64_t num_rows, int64_t position_count) const;
  // Enqueues the fills before the fresh rows, which replace what is filled at their positions:
  // cached KV on the side stream, zeros alone on the step's stream.
  void Fill(const SequenceLease& sequences, const std::vector<LayerFill>& fills,
            const cuda::WriteFreshParams& step, cudaStream_t stream);

  const LayerKv layer_;
  const ElementType type_;
  const int num_heads_, q_offset_, k_offset_, v_offset_;
  PerStream<SideStream> side_;
  PerStream<cuda::StepTables> tables_;
};

class CudaKvInjectOp : public Ort::CustomOpBase<CudaKvInjectOp, CudaKvInject, true> {
 public:
  explicit CudaKvInjectOp(ElementType type) : type_(type) {}

  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "KvInject"; }
  const char* GetExecutionProviderType() const { return kCudaProvider; }
  size_t GetInputTypeCount() const { return kv_inject::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return KvInjectInputType(index, OnnxType(type_));
  }
  OrtMemType GetInputMemoryType(size_t index) const;
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return KvInjectInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const { return OnnxType(type_); }

 private:
  const ElementType type_;
};

}  // namespace cacheblend
