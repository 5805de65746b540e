#pragma once

#include <cstdint>

namespace cacheblend {

class KvSequence;

// A step of a sequence whose positions lie on a device, as the host knows it: it begins in some
// layer with positions that the host has seen, and the layers after it work on those rows or on
// what a selection keeps of them. On the host, where every layer sees its rows, a selection notes
// active_row_count, and nobody the rest.
struct SequenceStep {
  int64_t begin = 0, end = 0;    // positions that hold KV before the step, and after
  int64_t row_count = 0;         // rows that the step began with
  int64_t active_row_count = 0;  // of them, those that no selection has dropped
  int64_t fresh_row_count = 0;   // those whose KV the next layer writes: a selection in it counts
                                 // from the layer after it on
  int64_t forced_row_count = 0;  // of them, those that every selection keeps
  int64_t captured_row_count = 0;
};

// Positions that a step writes in one layer beside those of its active rows.
struct LayerFill {
  int64_t from, to;    // cached KV is placed in [from, to)
  int64_t zeros_from;  // and what no chunk covers there, from this position on, is cleared
  int64_t cleared_blocks;
  int64_t placed_row_count;

  bool empty() const { return from >= to; }
};

// Begins a step with rows at these positions; `position_count` of them are in the rotation tables.
// On a device, has the sequence's tables there.
// std::invalid_argument as for InjectPlan.
void BeginStep(KvSequence& sequence, int layer, const int64_t* positions, int64_t row_count,
               int64_t position_count);

// Throws std::invalid_argument unless the layer stands where the step began.
LayerFill PlanFill(KvSequence& sequence, int layer);

// After the kernels of the layer are enqueued.
void CommitFill(KvSequence& sequence, int layer, const LayerFill& fill);

// How many rows a selection leaves of the active ones; counts them as the active ones from then on.
// -1 keeps all.
int64_t KeepRows(KvSequence& sequence, int64_t keep_count);

}  // namespace cacheblend
