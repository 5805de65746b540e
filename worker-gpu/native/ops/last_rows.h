#pragma once

#include "ops/ort.h"
#include "ops/signatures.h"
#include "ops/step.h"

namespace cacheblend {

// The inputs of LastRows.
struct LastRowsInputs {
  const int64_t* positions;     // [R]
  const int64_t* row_offsets;   // [S+1]
  const int64_t* query_counts;  // [S], on the host
  int64_t num_rows;
  int64_t num_sequences;   // in the last layer
  int64_t num_continuing;  // of them, those that do not end in it
  int64_t total;           // query rows

  // Throws std::invalid_argument unless each query count is 1 or more, and all together are at most
  // R.
  static LastRowsInputs From(const Ort::KernelContext& context, const LayerKv& layer);
};

// The rows with a query in the last layer: the last ones of each sequence.
class LastRowsKernel {
 public:
  explicit LastRowsKernel(const Ort::ConstKernelInfo& info)
      : layer_(LayerKv::FromAttributes(info)) {}
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
};

struct LastRowsOp : Ort::CustomOpBase<LastRowsOp, LastRowsKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "LastRows"; }
  size_t GetInputTypeCount() const { return last_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
  size_t GetOutputTypeCount() const { return last_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
  }
};

}  // namespace cacheblend
