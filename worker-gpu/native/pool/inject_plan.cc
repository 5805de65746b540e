#include "pool/inject_plan.h"

#include <algorithm>
#include <chrono>
#include <limits>

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
  const KvSequence::Injection& capture = sequence.capture();
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
  // Zeros may lie past the tables; any rotation keeps them.
  const int64_t rotation = position < tables_.position_count ? position : 0;
  rows_.push_back({key, value, tables_.cos + rotation * (shape_.head_size / 2),
                   tables_.sin + rotation * (shape_.head_size / 2),
                   static_cast<int>(position % kBlockTokens)});
}

void InjectPlan::Add(KvSequence& sequence, const int64_t* positions, int64_t first_row,
                     int64_t last_row) {
  CheckPositions(sequence, tables_.position_count, positions + first_row, last_row - first_row);
  CheckCovered(sequence, layer_, positions + first_row, last_row - first_row);
  Part part{&sequence,
            FillFor(sequence, layer_, positions[last_row - 1] + 1, last_row - first_row),
            last_row - first_row,
            0,
            AddCaptures(sequence, positions, first_row, last_row),
            0};
  const LayerFill& fill = part.fill;
  if (fill.injected_row_count > 0 && Loads(sequence)) {
    const auto start = std::chrono::steady_clock::now();
    AwaitChunks(sequence, layer_, fill.from, fill.to);  // no fences: host memory
    part.await_nanos = std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
  }
  rows_.reserve(rows_.size() + (last_row - first_row) + std::max<int64_t>(0, fill.to - fill.from));
  int64_t row = first_row;
  // The rows of a block must be adjacent and ascending, so fresh and filled rows are merged.
  const auto add_fresh_before = [&](int64_t position) {
    for (; row < last_row && positions[row] < position; ++row) {
      AddRow(sequence, positions[row], fresh_.keys + row * fresh_.key_stride,
             fresh_.values + row * fresh_.value_stride);
    }
  };
  auto injection = sequence.injections().begin();
  for (int64_t position = fill.from; position < fill.to; ++position) {
    add_fresh_before(position);
    if (row < last_row && positions[row] == position) continue;
    while (injection != sequence.injections().end() && injection->end() <= position) ++injection;
    if (injection != sequence.injections().end() && injection->first <= position) {
      const int64_t chunk_row = position - injection->first;
      AddRow(sequence, position, injection->chunk->Key(layer_, chunk_row),
             injection->chunk->Value(layer_, chunk_row));
      ++part.injected_row_count;
    } else {
      AddRow(sequence, position, zeros_.data(), zeros_.data());
    }
  }
  add_fresh_before(std::numeric_limits<int64_t>::max());
  parts_.push_back(part);
}

void InjectPlan::Commit(int64_t write_nanos) {
  for (const Part& part : parts_) {
    CommitFill(*part.sequence, layer_, part.fill, part.captured_row_count);
    part.sequence->CountFreshRows(part.fresh_row_count);
    if (part.injected_row_count == 0) continue;
    const int64_t nanos = part.await_nanos + write_nanos * part.injected_row_count /
                                                 static_cast<int64_t>(rows_.size());
    part.sequence->AddKvLoad({nanos, nanos});  // compute waits for all of it
  }
}

}  // namespace cacheblend
