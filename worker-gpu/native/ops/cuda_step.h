#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <optional>

#include "kernels/cuda/kv_inject.h"
#include "kernels/cuda/masses.h"
#include "kernels/cuda/paged_kv.h"
#include "kernels/element_type.h"
#include "ops/ort.h"
#include "ops/shape_table.h"
#include "ops/step.h"
#include "pool/kv_sequence.h"

namespace cacheblend {

inline constexpr char kCudaProvider[] = "CUDAExecutionProvider";

ONNXTensorElementDataType OnnxType(ElementType type);

cudaStream_t StreamOf(const Ort::KernelContext& context);

// A tensor in device memory, in the op's element type.
struct DeviceTensor {
  const void* data;
  std::vector<int64_t> shape;
};

DeviceTensor DeviceInput(const Ort::KernelContext& context, size_t index);
void* DeviceOutput(const Ort::KernelContext& context, size_t index,
                   const std::vector<int64_t>& shape);

// The heads that start at a column of a [R, columns] tensor.
cuda::Rows RowsFrom(const DeviceTensor& tensor, int column, ElementType type);

// The rows of a step on a device, as StepRows. Positions and offsets are in device memory.
struct CudaStepRows {
  const int64_t* positions;    // [position_count], on the device
  const int64_t* row_offsets;  // [num_sequences + 1], on the device
  SequencesInLayer sequences;
  int64_t position_count, num_sequences;

  // Binds S, and R where all sequences are in the layer.
  static CudaStepRows FromInputs(const Ort::KernelContext& context, size_t positions,
                                 size_t row_offsets, size_t sequences, const LayerKv& layer,
                                 ShapeTable& table);

  // Rows in the layer, once R is bound.
  int64_t RowCount(const ShapeTable& table) const;

  // Throws std::invalid_argument if KV is not on a device, or has another element type, if one is
  // given.
  SequenceLease Lease(std::optional<ElementType> type = {}) const;
};

// Throws std::invalid_argument unless `count` of the sequences' steps adds up to num_rows.
void CheckRowCount(const SequenceLease& sequences, int64_t SequenceStep::*count, int64_t num_rows);

cuda::PagedKv LayerOf(const SequenceLease& sequences, const LayerKv& layer, ElementType type);
std::vector<cuda::BlockTable> BlockTablesOf(const SequenceLease& sequences);

// Of a sequence whose step has begun.
cuda::Injections InjectionsOf(const KvSequence& sequence);
// Without data if the sequence has not been probed.
cuda::Masses MassesOf(const KvSequence& sequence);

}  // namespace cacheblend
