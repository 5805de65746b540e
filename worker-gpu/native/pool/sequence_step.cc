#include "pool/sequence_step.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/kv_view.h"
#include "pool/kv_sequence.h"
#include "pool/step_checks.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

// Rows without cached KV, and the last row. Positions ascend.
int64_t CountForced(const KvSequence& sequence, const int64_t* positions, int64_t row_count) {
  int64_t cached = 0;
  const int64_t* row = positions;
  const int64_t* const last = positions + row_count - 1;
  for (const KvSequence::Injection& injection : sequence.injections()) {
    row = std::lower_bound(row, last, injection.first);
    const int64_t* const end = std::lower_bound(row, last, injection.end());
    cached += end - row;
    row = end;
  }
  return row_count - cached;
}

}  // namespace

void BeginStep(KvSequence& sequence, int layer, const int64_t* positions, int64_t row_count,
               int64_t position_count) {
  CheckPositions(sequence, position_count, positions, row_count);
  CheckCovered(sequence, layer, positions, row_count);
  SequenceStep step;
  step.captured_row_count = CheckCaptured(sequence, layer, positions, row_count);
  step.begin = step.unprobed_begin = sequence.layer(layer).covered;
  const int unprobed = sequence.step().layer_end;
  if (unprobed < sequence.shape().layer_count) {
    CheckCovered(sequence, unprobed, positions, row_count);
    step.unprobed_begin = sequence.layer(unprobed).covered;
  }
  step.end = std::max(step.begin, positions[row_count - 1] + 1);
  step.last_position = positions[row_count - 1];
  step.row_count = step.active_row_count = step.fresh_row_count = row_count;
  step.forced_row_count = CountForced(sequence, positions, row_count);
  // Now, not in a later layer: a copy in the middle of the step would stall the device.
  sequence.WriteInjectionTable();
  sequence.step() = step;
  sequence.BeginDeviceStep();
}

LayerFill PlanFill(const KvSequence& sequence, int layer) {
  const SequenceStep& step = sequence.step();
  const KvSequence::LayerState& state = sequence.layer(layer);
  if (state.covered != step.begin && state.covered != step.unprobed_begin) {
    throw std::invalid_argument(Text("sequences: sequence ", sequence.handle(), " has KV of ",
                                     state.covered, " positions in layer ", layer, ", but ",
                                     step.begin, " in the layer that began the step"));
  }
  if (step.captured_row_count > 0 && step.fresh_row_count != step.row_count) {
    throw std::invalid_argument(Text("sequences: sequence ", sequence.handle(),
                                     " captures a chunk, so no row may be dropped"));
  }
  return FillFor(sequence, layer, step.end, step.fresh_row_count);
}

void CommitFill(KvSequence& sequence, int layer, const LayerFill& fill) {
  SequenceStep& step = sequence.step();
  sequence.CountFreshRows(step.fresh_row_count);
  step.fresh_row_count = step.active_row_count;
  CommitFill(sequence, layer, fill, step.captured_row_count);
}

int64_t ChooseRows(KvSequence& sequence, int64_t keep_count) {
  return sequence.step().fresh_row_count = KeepRows(sequence, keep_count);
}

int64_t KeepRows(KvSequence& sequence, int64_t keep_count) {
  SequenceStep& step = sequence.step();
  if (keep_count >= 0) {
    const int64_t eligible = step.active_row_count - step.forced_row_count;
    step.active_row_count = step.forced_row_count + std::min(keep_count, eligible);
  }
  return step.active_row_count;
}

}  // namespace cacheblend
