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

// The sequences of a step that a layer computes: the first ones. Probes that end in an earlier
// layer are behind them.
using SequencesInLayer = std::vector<std::shared_ptr<KvSequence>>;

// Throws like FindSequences.
SequencesInLayer FindInLayer(const int64_t* handles, int64_t count, const LayerKv& layer);

// Number of sequences that a layer computes and that do not end in it: the first ones.
int64_t CountContinuing(const SequenceLease& sequences, int layer);

// The inputs that all ops share: the sequence and position of every row that the layer computes.
// The tensors may have further rows and offsets behind them, of probes that have ended.
struct StepRows {
  const int64_t* positions;    // [R]
  const int64_t* row_offsets;  // [num_sequences + 1]
  SequencesInLayer sequences;
  int64_t num_rows, num_sequences;

  // Binds R to the rows in the layer, and S to all sequences of the step. Throws
  // std::invalid_argument unless every sequence in the layer has rows.
  static StepRows FromInputs(const Ort::KernelContext& context, size_t positions,
                             size_t row_offsets, size_t sequences, const LayerKv& layer,
                             ShapeTable& table);

  SequenceLease Lease() const { return SequenceLease(sequences); }
};

}  // namespace cacheblend
