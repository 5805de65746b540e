#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ops/ort.h"
#include "ops/shape_table.h"
#include "pool/kv_sequence.h"

namespace cacheblend {

// The layer of KV that an op works on.
struct LayerKv {
  int layer, num_kv_heads, head_size;

  static LayerKv FromAttributes(const Ort::ConstKernelInfo& info);
  int64_t RowSize() const { return int64_t{num_kv_heads} * head_size; }
};

// Throws std::invalid_argument unless there are 1 to kMaxStepSequences.
void CheckSequenceCount(int64_t count);

// Throws std::invalid_argument for unknown handles and for KV of another shape than the op's.
std::vector<std::shared_ptr<KvSequence>> FindSequences(const int64_t* handles, int64_t count,
                                                       const LayerKv& layer);

// The inputs that all ops share: the sequence and position of every row of a step.
struct StepRows {
  const int64_t* positions;    // [R]
  const int64_t* row_offsets;  // [S+1]
  const int64_t* handles;      // [S]
  int64_t num_rows, num_sequences;

  // Binds R and S. Throws std::invalid_argument unless every sequence has rows.
  static StepRows FromInputs(const Ort::KernelContext& context, size_t positions,
                             size_t row_offsets, size_t sequences, ShapeTable& table);

  SequenceLease Lease(const LayerKv& layer) const {
    return SequenceLease(FindSequences(handles, num_sequences, layer));
  }
};

}  // namespace cacheblend
