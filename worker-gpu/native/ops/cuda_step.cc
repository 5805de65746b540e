#include "ops/cuda_step.h"

#include <memory>
#include <utility>

#include "pool/kv_pool.h"

namespace cacheblend {

ONNXTensorElementDataType OnnxType(ElementType type) {
  switch (type) {
    case ElementType::kFloat16:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16;
    case ElementType::kBFloat16:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16;
    default:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  }
}

cudaStream_t StreamOf(const Ort::KernelContext& context) {
  return static_cast<cudaStream_t>(context.GetGPUComputeStream());
}

DeviceTensor DeviceInput(const Ort::KernelContext& context, size_t index) {
  const Ort::ConstValue value = context.GetInput(index);
  return {value.GetTensorRawData(), value.GetTensorTypeAndShapeInfo().GetShape()};
}

void* DeviceOutput(const Ort::KernelContext& context, size_t index,
                   const std::vector<int64_t>& shape) {
  return context.GetOutput(index, shape).GetTensorMutableRawData();
}

cuda::Rows RowsFrom(const DeviceTensor& tensor, int column, ElementType type) {
  return {static_cast<const char*>(tensor.data) + column * ElementBytes(type), tensor.shape[1]};
}

CudaStepRows CudaStepRows::FromInputs(const Ort::KernelContext& context, size_t positions,
                                      size_t row_offsets, size_t sequences, const LayerKv& layer,
                                      ShapeTable& table) {
  const auto p = Input<int64_t>(context, positions);
  const auto o = Input<int64_t>(context, row_offsets);
  const auto s = Input<int64_t>(context, sequences);
  table.Check("sequences", s.shape, {"S"});
  CheckSequenceCount(table["S"]);
  CudaStepRows step{p.data, o.data, FindInLayer(s.data, table["S"], layer), 0, 0};
  step.num_sequences = static_cast<int64_t>(step.sequences.size());
  if (step.num_sequences == table["S"]) {
    table.Check("positions", p.shape, {"R"});
    table.Check("row_offsets", o.shape, {Dim("S", 1)});
  } else {
    table.Check("positions", p.shape, {Dim::AtLeast(0)});
    table.Check("row_offsets", o.shape, {Dim::AtLeast(step.num_sequences + 1)});
  }
  step.position_count = p.shape[0];
  return step;
}

int64_t CudaStepRows::RowCount(const ShapeTable& table) const {
  const int64_t num_rows = table["R"];
  if (num_rows <= position_count) return num_rows;
  throw std::invalid_argument(
      Text("positions: dimension 0 is ", position_count, ", expected at least ", num_rows, " (R)"));
}

SequenceLease CudaStepRows::Lease(std::optional<ElementType> type) const {
  for (const auto& sequence : sequences) {
    const KvStorage& storage = sequence->pool().layout().storage;
    if (storage.on_host() || storage.type != type.value_or(storage.type) ||
        &sequence->pool() != &sequences[0]->pool()) {
      throw std::invalid_argument(
          Text("sequences: sequence ", sequence->handle(),
               " must have KV on the CUDA device, in the op's element type, and in the pool of the"
               " other sequences"));
    }
  }
  return SequenceLease(sequences);
}

void CheckRowCount(const SequenceLease& sequences, int64_t SequenceStep::*count, int64_t num_rows) {
  int64_t expected = 0;
  for (int64_t s = 0; s < sequences.size(); ++s) expected += sequences[s].step().*count;
  if (expected == num_rows) return;
  throw std::invalid_argument(
      Text("positions: ", num_rows, " rows, expected ", expected, ": the active rows of the step"));
}

cuda::PagedKv LayerOf(const SequenceLease& sequences, const LayerKv& layer, ElementType type) {
  const KvPool& pool = sequences[0].pool();
  return {pool.Keys(0, layer.layer),
          pool.Values(0, layer.layer),
          pool.layout().BlockBytes() / ElementBytes(type),
          pool.block_count(),
          layer.num_kv_heads,
          layer.head_size,
          type};
}

std::vector<cuda::BlockTable> BlockTablesOf(const SequenceLease& sequences) {
  std::vector<cuda::BlockTable> tables;
  for (int64_t s = 0; s < sequences.size(); ++s) {
    tables.push_back(static_cast<cuda::BlockTable>(sequences[s].block_table()));
  }
  return tables;
}

cuda::Injections InjectionsOf(const KvSequence& sequence) {
  return {static_cast<const cuda::Injection*>(sequence.injection_table()),
          static_cast<int>(sequence.injections().size())};
}

cuda::Masses MassesOf(const KvSequence& sequence) {
  const AttentionMass* mass = sequence.attention();
  if (mass == nullptr || !mass->probed()) return {};
  return {mass->data(), static_cast<int>(mass->stride()), mass->kv_head_count()};
}

}  // namespace cacheblend
