#include "pool/inject_plan.h"

#include <algorithm>

#include "kernels/kv_view.h"
#include "pool/step_checks.h"
#include "pool/stored_chunk.h"

namespace cacheblend {

InjectPlan::InjectPlan(int layer, KvShape shape, FreshKv fresh, RotationTables tables)
    : layer_(layer), shape_(shape), fresh_(fresh), tables_(tables), zeros_(shape.RowSize(), 0.f) {}

int64_t InjectPlan::AddCaptures(const KvSequence& sequence, const int64_t* positions,
                                int64_t first_row, int64_t last_row) {
  const int64_t count =
      CheckCaptured(sequence, layer_, positions + first_row, last_row - first_row);
  if (count == 0) return 0;
  const KvSequence::Placement& capture = sequence.capture();
  int64_t next = capture.chunk->captured_row_count(layer_);
  int64_t row = first_row;
  while (positions[row] != capture.first + next) ++row;
  for (const int64_t end = row + count; row < end; ++row, ++next) {
    captures_.push_back(
        {fresh_.keys + row * fresh_.key_stride, capture.chunk->MutableKey(layer_, next)});
    captures_.push_back(
        {fresh_.values + row * fresh_.value_stride, capture.chunk->MutableValue(layer_, next)});
  }
  return count;
}

void InjectPlan::AddRow(const KvSequence& sequence, int64_t position, const float* key,
                        const float* value) {
  const int64_t block = position / kBlockTokens;
  const KvLayerView view = sequence.View(layer_);
  if (blocks_.empty() || blocks_.back().keys != view.key_blocks[block]) {
    blocks_.push_back(
        {view.key_blocks[block], view.value_blocks[block], static_cast<int64_t>(rows_.size()), 0});
  }
  ++blocks_.back().row_count;
  // Slots that are cleared may lie past the tables; what rotates a zero does not matter.
  const int64_t rotation = position < tables_.position_count ? position : 0;
  rows_.push_back({key, value, tables_.cos + rotation * (shape_.head_size / 2),
                   tables_.sin + rotation * (shape_.head_size / 2),
                   static_cast<int>(position % kBlockTokens)});
}

void InjectPlan::Add(KvSequence& sequence, const int64_t* positions, int64_t first_row,
                     int64_t last_row) {
  CheckPositions(sequence, tables_.position_count, positions + first_row, last_row - first_row);
  CheckCovered(sequence, layer_, positions + first_row, last_row - first_row);
  const KvSequence::LayerState& state = sequence.layer(layer_);
  const int64_t end = positions[last_row - 1] + 1;
  Step step{&sequence, end, std::max(state.cleared_blocks, BlocksFor(end)), 0, 0};
  if (!state.started && !sequence.placements().empty()) {
    step.cleared_blocks =
        std::max(step.cleared_blocks, BlocksFor(sequence.placements().back().end()));
  }
  step.captured_rows = AddCaptures(sequence, positions, first_row, last_row);

  // Every slot of a block that this layer enters for the first time gets a row: an active one, a
  // cached one, or zeros. So nothing of an earlier owner is left in it.
  const int64_t entered = state.cleared_blocks * kBlockTokens;
  const int64_t entered_end = step.cleared_blocks * kBlockTokens;
  rows_.reserve(rows_.size() + (last_row - first_row) + (entered_end - entered));
  int64_t row = first_row;
  for (; row < last_row && positions[row] < entered; ++row) {
    AddRow(sequence, positions[row], fresh_.keys + row * fresh_.key_stride,
           fresh_.values + row * fresh_.value_stride);
  }
  auto placement = sequence.placements().begin();
  for (int64_t position = entered; position < entered_end; ++position) {
    while (placement != sequence.placements().end() && placement->end() <= position) ++placement;
    if (row < last_row && positions[row] == position) {
      AddRow(sequence, position, fresh_.keys + row * fresh_.key_stride,
             fresh_.values + row * fresh_.value_stride);
      ++row;
    } else if (placement != sequence.placements().end() && placement->first <= position) {
      const int64_t chunk_row = position - placement->first;
      AddRow(sequence, position, placement->chunk->Key(layer_, chunk_row),
             placement->chunk->Value(layer_, chunk_row));
      ++step.chunk_rows;
    } else {
      AddRow(sequence, position, zeros_.data(), zeros_.data());
    }
  }
  steps_.push_back(step);
}

void InjectPlan::Commit(int64_t write_nanos) {
  for (const Step& step : steps_) {
    KvSequence::LayerState& state = step.sequence->layer(layer_);
    state.started = true;
    state.covered = std::max(state.covered, step.end);
    state.cleared_blocks = step.cleared_blocks;
    if (step.chunk_rows > 0) {
      const int64_t nanos = write_nanos * step.chunk_rows / static_cast<int64_t>(rows_.size());
      step.sequence->AddKvLoad({nanos, nanos});  // compute waits for all of it
    }
    if (step.captured_rows > 0) {
      step.sequence->capture().chunk->CommitRows(layer_, step.captured_rows);
    }
  }
}

}  // namespace cacheblend
