#include "pool/inject_plan.h"

#include <algorithm>
#include <stdexcept>

#include "kernels/kv_view.h"
#include "pool/stored_chunk.h"
#include "pool/text.h"

namespace cacheblend {

namespace {

int64_t BlocksFor(int64_t positions) { return (positions + kBlockTokens - 1) / kBlockTokens; }

}  // namespace

InjectPlan::InjectPlan(int layer, KvShape shape, FreshKv fresh, RotationTables tables)
    : layer_(layer), shape_(shape), fresh_(fresh), tables_(tables), zeros_(shape.RowSize(), 0.f) {}

void InjectPlan::CheckPositions(const KvSequence& sequence, const int64_t* positions,
                                int64_t count) const {
  const int64_t limit = std::min(sequence.max_token_count(), tables_.position_count);
  for (int64_t i = 0; i < count; ++i) {
    if (i > 0 && positions[i] <= positions[i - 1]) {
      throw std::invalid_argument(Text("positions: ", positions[i], " follows ", positions[i - 1],
                                       " in sequence ", sequence.handle(), ", must ascend"));
    }
    if (positions[i] >= 0 && positions[i] < limit) continue;
    throw std::invalid_argument(
        Text("positions: ", positions[i], " in sequence ", sequence.handle(), ", which reserves ",
             sequence.max_token_count(), " tokens; the rotation tables hold ",
             tables_.position_count, " positions"));
  }
}

void InjectPlan::CheckCovered(KvSequence& sequence, const int64_t* positions, int64_t count) const {
  int64_t next = sequence.layer(layer_).covered;  // first position that nothing is known of
  for (int64_t i = 0; i < count; ++i) {
    while (next < positions[i]) {
      const KvSequence::Placement* placement = sequence.PlacementAt(next);
      if (placement == nullptr) {
        throw std::invalid_argument(Text("positions: sequence ", sequence.handle(),
                                         " has no KV at position ", next, " in layer ", layer_,
                                         ": neither active, nor placed, nor written before"));
      }
      next = std::min(placement->end(), positions[i]);
    }
    next = std::max(next, positions[i] + 1);
  }
}

int64_t InjectPlan::AddCaptures(const KvSequence& sequence, const int64_t* positions,
                                int64_t first_row, int64_t last_row) {
  const KvSequence::Placement& capture = sequence.capture();
  if (capture.chunk == nullptr) return 0;
  const int64_t known = capture.chunk->captured_row_count(layer_);
  int64_t next = known;
  for (int64_t row = first_row; row < last_row; ++row) {
    const int64_t position = positions[row];
    if (position < capture.first || position >= capture.end()) continue;
    if (position != capture.first + next) {
      throw std::invalid_argument(Text("positions: sequence ", sequence.handle(), " captures ",
                                       position, " in layer ", layer_, ", but ",
                                       capture.first + next, " comes next"));
    }
    captures_.push_back(
        {fresh_.keys + row * fresh_.key_stride, capture.chunk->MutableKey(layer_, next)});
    captures_.push_back(
        {fresh_.values + row * fresh_.value_stride, capture.chunk->MutableValue(layer_, next)});
    ++next;
  }
  return next - known;
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
  CheckPositions(sequence, positions + first_row, last_row - first_row);
  CheckCovered(sequence, positions + first_row, last_row - first_row);
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
      step.sequence->AddKvLoadNanos(write_nanos * step.chunk_rows /
                                    static_cast<int64_t>(rows_.size()));
    }
    if (step.captured_rows > 0) {
      step.sequence->capture().chunk->CommitRows(layer_, step.captured_rows);
    }
  }
}

}  // namespace cacheblend
