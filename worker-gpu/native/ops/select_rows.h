#pragma once

#include "kernels/select_rows.h"
#include "ops/ort.h"
#include "ops/signatures.h"
#include "ops/step.h"

namespace cacheblend {

// What a check layer compares in each sequence, in host memory.
struct Comparison {
  const int64_t* keep_counts;   // [S]; -1: keeps all rows
  const int64_t* compare_keys;  // [S]; 0: values, 1: keys
  const int64_t* weigh;         // [S]; 1: scores are multiplied by attention; null: 0

  bool Weighs(int64_t s) const { return keep_counts[s] >= 0 && weigh != nullptr && weigh[s] != 0; }

  // Throws std::invalid_argument for a keep count below -1, another number than 0 and 1 elsewhere,
  // or a sequence without attention to weigh by.
  void Check(const SequenceLease& sequences) const;

  // Row `check` of keep_counts; binds S of the table.
  static Comparison FromInputs(const Ort::KernelContext& context, int check, ShapeTable& table);
};

// Selects the rows that stay active after a check layer.
class SelectRowsKernel {
 public:
  explicit SelectRowsKernel(const Ort::ConstKernelInfo& info);
  OrtStatusPtr ComputeV2(OrtKernelContext* context);

 private:
  void Compute(const Ort::KernelContext& context) const;

  const LayerKv layer_;
  const int k_offset_, v_offset_, check_;
};

struct SelectRowsOp : Ort::CustomOpBase<SelectRowsOp, SelectRowsKernel, true> {
  OrtStatusPtr CreateKernelV2(const OrtApi& api, const OrtKernelInfo* info, void** kernel) const;
  const char* GetName() const { return "SelectRows"; }
  size_t GetInputTypeCount() const { return select_rows::kInputCount; }
  ONNXTensorElementDataType GetInputType(size_t index) const {
    return SelectRowsInputType(index, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
  }
  OrtCustomOpInputOutputCharacteristic GetInputCharacteristic(size_t index) const {
    return SelectRowsInputCharacteristic(index);
  }
  size_t GetOutputTypeCount() const { return select_rows::kOutputCount; }
  ONNXTensorElementDataType GetOutputType(size_t index) const {
    return SelectRowsOutputType(index);
  }
};

}  // namespace cacheblend
