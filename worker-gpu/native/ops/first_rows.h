#pragma once

#include "ops/ort.h"
#include "ops/signatures.h"

namespace cacheblend {

// The tensors of FirstRows: `out` has the first rows of `table`, and usually its memory.
struct FirstRows {
  const float* table;
  float* out;
  int64_t byte_count;

  // Throws std::invalid_argument if the table has too few rows.
  static FirstRows From(const Ort::KernelContext& context);
  bool shared() const { return out == table; }
};

// Makes the op report to ONNX Runtime that its output can share the memory of its first input.
void ShareFirstInput(OrtCustomOp& op);

// As many rows of a table as another tensor has.
class FirstRowsKernel {
 public:
  OrtStatusPtr ComputeV2(OrtKernelContext* context);
};

template <typename Op, typename Kernel>
struct FirstRowsOpBase : Ort::CustomOpBase<Op, Kernel, true> {
  FirstRowsOpBase() { ShareFirstInput(*this); }

  OrtStatusPtr CreateKernelV2(const OrtApi&, const OrtKernelInfo*, void** kernel) const {
    return ToStatus(GetName(), [&] { *kernel = new Kernel; });
  }
  const char* GetName() const { return "FirstRows"; }
  size_t GetInputTypeCount() const { return first_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
  size_t GetOutputTypeCount() const { return 1; }
  ONNXTensorElementDataType GetOutputType(size_t) const {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
};

struct FirstRowsOp : FirstRowsOpBase<FirstRowsOp, FirstRowsKernel> {};

}  // namespace cacheblend
