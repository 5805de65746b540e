#pragma once

#include <cstdint>
#include <limits>

#include "pool/layer_fill.h"

namespace cacheblend {

class KvSequence;

// The host's view of a step whose positions lie on a device. The host sees the positions once,
// where the step begins; a selection then keeps rows that only the device knows, but the host knows
// how many. On the host device only active_row_count is used, and SelectRows sets it.
struct SequenceStep {
  int64_t begin = 0, end = 0;    // positions [0, begin) hold KV before the step, [0, end) after it
  int64_t unprobed_begin = 0;    // `begin` of layers that the probe before this step has left out
  int64_t last_position = 0;     // of its rows; every selection keeps the last row
  int64_t row_count = 0;         // rows at the beginning of the step
  int64_t active_row_count = 0;  // rows that every selection so far keeps
  int64_t fresh_row_count = 0;   // rows whose KV the next layer writes: a selection takes effect in
                                 // the layer after it
  int64_t forced_row_count = 0;  // rows that every selection keeps: no cached KV, or the last row
  int64_t captured_row_count = 0;
  // A probe ends with the attention of layer `layer_end - 1`: its rows are in no later op.
  int layer_end = std::numeric_limits<int>::max();

  bool InLayer(int layer) const { return layer < layer_end; }
  bool EndsIn(int layer) const { return layer + 1 == layer_end; }
};

// Begins a device step of all layers with rows at these positions, and writes the sequence's device
// tables; `position_count` positions are in the rotation tables. Throws std::invalid_argument like
// InjectPlan::Add.
void BeginStep(KvSequence& sequence, int layer, const int64_t* positions, int64_t row_count,
               int64_t position_count);

// Throws std::invalid_argument unless the layer covers the positions that the step began with.
LayerFill PlanFill(const KvSequence& sequence, int layer);

// After the kernels of the layer are enqueued.
void CommitFill(KvSequence& sequence, int layer, const LayerFill& fill);

// Applies a selection before the first layer, which keeps `keep_count` cached rows, or all rows
// (-1). Returns the number of rows that are active.
int64_t ChooseRows(KvSequence& sequence, int64_t keep_count);

// Applies a selection that keeps `keep_count` cached rows, or all rows (-1). Returns the number of
// rows that stay active.
int64_t KeepRows(KvSequence& sequence, int64_t keep_count);

}  // namespace cacheblend
