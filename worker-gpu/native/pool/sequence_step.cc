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

// Rows without cached KV, and the last one. Positions ascend.
int64_t CountForced(const KvSequence& sequence, const int64_t* positions, int64_t row_count) {
  int64_t cached = 0;
  const int64_t* row = positions;
  const int64_t* const last = positions + row_count - 1;
  for (const KvSequence::Placement& placement : sequence.placements()) {
    row = std::lower_bound(row, last, placement.first);
    const int64_t* const end = std::lower_bound(row, last, placement.end());
    cached += end - row;
    row = end;
  }
  return row_count - cached;
}

int64_t CountPlaced(const KvSequence& sequence, int64_t from, int64_t to) {
  int64_t count = 0;
  for (const KvSequence::Placement& placement : sequence.placements()) {
    count += std::max<int64_t>(0, std::min(placement.end(), to) - std::max(placement.first, from));
  }
  return count;
}

}  // namespace

void BeginStep(KvSequence& sequence, int layer, const int64_t* positions, int64_t row_count,
               int64_t position_count) {
  CheckPositions(sequence, position_count, positions, row_count);
  CheckCovered(sequence, layer, positions, row_count);
  SequenceStep step;
  step.captured_row_count = CheckCaptured(sequence, layer, positions, row_count);
  step.begin = sequence.layer(layer).covered;
  step.end = std::max(step.begin, positions[row_count - 1] + 1);
  step.row_count = step.active_row_count = step.fresh_row_count = row_count;
  step.forced_row_count = CountForced(sequence, positions, row_count);
  // In the middle of the step the device would run out of work meanwhile.
  sequence.WritePlacementTable();
  sequence.step() = step;
}

LayerFill PlanFill(KvSequence& sequence, int layer) {
  const SequenceStep& step = sequence.step();
  const KvSequence::LayerState& state = sequence.layer(layer);
  if (state.covered != step.begin) {
    throw std::invalid_argument(Text("sequences: sequence ", sequence.handle(), " has KV of ",
                                     state.covered, " positions in layer ", layer, ", but ",
                                     step.begin, " in the layer that began the step"));
  }
  if (step.captured_row_count > 0 && step.fresh_row_count != step.row_count) {
    throw std::invalid_argument(Text("sequences: sequence ", sequence.handle(),
                                     " captures a chunk, so no row may be dropped"));
  }
  LayerFill fill{step.end, 0, step.end, std::max(state.cleared_blocks, BlocksFor(step.end)), 0};
  if (!state.started && !sequence.placements().empty()) {
    fill.cleared_blocks =
        std::max(fill.cleared_blocks, BlocksFor(sequence.placements().back().end()));
    // Where every row is active, fresh KV covers all that chunks hold before the step's end.
    const bool all_active = step.fresh_row_count == step.end - step.begin;
    if (!all_active) fill.from = std::min(step.end, sequence.placements().front().first);
  }
  // Blocks that the layer entered before hold what they should.
  fill.from = std::max(fill.from, state.cleared_blocks * kBlockTokens);
  fill.to = fill.cleared_blocks * kBlockTokens;
  fill.placed_row_count = state.started ? 0 : CountPlaced(sequence, fill.from, fill.to);
  return fill;
}

void CommitFill(KvSequence& sequence, int layer, const LayerFill& fill) {
  SequenceStep& step = sequence.step();
  step.fresh_row_count = step.active_row_count;
  KvSequence::LayerState& state = sequence.layer(layer);
  state.started = true;
  state.covered = step.end;
  state.cleared_blocks = fill.cleared_blocks;
  if (step.captured_row_count > 0) {
    sequence.capture().chunk->CommitRows(layer, step.captured_row_count);
  }
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
