#pragma once

#include <algorithm>
#include <cstdint>

#include "ops/step.h"

namespace cacheblend {

// The input `choices` of ChooseRows, [kFieldCount, S]: what is chosen before the first layer.
struct Choices {
  enum Field { kCount, kAnchorCount, kHeadDepth, kHeadEnd, kFieldCount };

  const int64_t* data;
  int64_t num_sequences;

  int64_t At(Field field, int64_t s) const { return data[field * num_sequences + s]; }

  // Cached rows to choose; -1: all rows are active.
  int64_t Count(int64_t s) const { return At(kCount, s); }
  bool Expands(int64_t s) const { return At(kAnchorCount, s) < Count(s); }
  // Anchors among this many rows: a budget may exceed them.
  int64_t AnchorCount(int64_t s, int64_t row_count) const {
    return std::min(At(kAnchorCount, s), row_count);
  }
  // Whether a row is chosen whatever its attention: row `index` of its chunk.
  bool IsHead(int64_t s, int64_t index, int64_t position) const {
    const int64_t depth = At(kHeadDepth, s);
    return index < depth || (index == depth && position < At(kHeadEnd, s));
  }

  // The tensor, bound to S of the table.
  static Choices FromInput(const Ort::KernelContext& context, size_t index, ShapeTable& table);

  // Throws std::invalid_argument unless the choice of a sequence with rows at these positions can
  // be made.
  void Check(int64_t s, const KvSequence& sequence, const int64_t* positions,
             int64_t row_count) const;
};

// The input `probe_layers`, [L, S]: 1 where the attention of a layer is added up.
struct ProbeLayers {
  const int64_t* data;
  int64_t num_layers, num_sequences;

  bool At(int64_t layer, int64_t s) const { return data[layer * num_sequences + s] != 0; }
  int LayerCount(int64_t s) const;  // 0: the sequence does not probe
  // Layers of the step of a sequence: up to the last one that it probes, or all of the model.
  int LayerEnd(int64_t s) const;
  // Throws std::invalid_argument unless probes follow all other sequences, those with more layers
  // first.
  void CheckOrder() const;

  // The tensor, bound to S of the table; every value is 0 or 1.
  static ProbeLayers FromInput(const Ort::KernelContext& context, size_t index, ShapeTable& table);
};

}  // namespace cacheblend
