#include "pool/layer_fill.h"

#include <algorithm>
#include <utility>

#include "kernels/kv_view.h"
#include "pool/kv_sequence.h"
#include "pool/stored_chunk.h"

namespace cacheblend {

namespace {

int64_t CountInjected(const KvSequence& sequence, int64_t from, int64_t to) {
  int64_t count = 0;
  for (const KvSequence::Injection& injection : sequence.injections()) {
    count += std::max<int64_t>(0, std::min(injection.end(), to) - std::max(injection.first, from));
  }
  return count;
}

}  // namespace

int64_t BlocksFor(int64_t positions) { return (positions + kBlockTokens - 1) / kBlockTokens; }

LayerFill FillFor(const KvSequence& sequence, int layer, int64_t step_end,
                  int64_t fresh_row_count) {
  const KvSequence::LayerState& state = sequence.layer(layer);
  LayerFill fill{};
  fill.covered = fill.zeros_from = fill.from = std::max(state.covered, step_end);
  fill.cleared_blocks = std::max(state.cleared_blocks, BlocksFor(fill.covered));
  if (!state.started && !sequence.injections().empty()) {
    fill.cleared_blocks =
        std::max(fill.cleared_blocks, BlocksFor(sequence.injections().back().end()));
    // Where every position of the step is fresh, no chunk row before its end is needed.
    const bool all_fresh = fresh_row_count == fill.covered - state.covered;
    if (!all_fresh) fill.from = std::min(fill.covered, sequence.injections().front().first);
  }
  // Blocks that the layer entered before are filled already.
  fill.from = std::max(fill.from, state.cleared_blocks * kBlockTokens);
  fill.to = fill.cleared_blocks * kBlockTokens;
  fill.injected_row_count = state.started ? 0 : CountInjected(sequence, fill.from, fill.to);
  return fill;
}

int64_t EnterBlock(KvSequence& sequence, int64_t step_end) {
  const int64_t blocks = BlocksFor(step_end);
  const int layer_count = sequence.shape().layer_count;
  for (int layer = 0; layer < layer_count; ++layer) {
    const KvSequence::LayerState& state = sequence.layer(layer);
    if (!state.started || state.cleared_blocks + 1 != blocks) return -1;
  }
  for (int layer = 0; layer < layer_count; ++layer) sequence.layer(layer).cleared_blocks = blocks;
  return sequence.block(blocks - 1);
}

std::vector<std::shared_ptr<const Fence>> AwaitChunks(const KvSequence& sequence, int layer,
                                                      int64_t from, int64_t to) {
  std::vector<std::shared_ptr<const Fence>> fences;
  for (const KvSequence::Injection& injection : sequence.injections()) {
    const LayerArrivals* load = injection.chunk->load();
    if (load == nullptr || injection.end() <= from || injection.first >= to) continue;
    std::shared_ptr<const Fence> fence = load->Await(layer);
    // Chunks of one load share a fence.
    if (fence == nullptr || (!fences.empty() && fences.back() == fence)) continue;
    fences.push_back(std::move(fence));
  }
  return fences;
}

bool Loads(const KvSequence& sequence) {
  return std::any_of(
      sequence.injections().begin(), sequence.injections().end(),
      [](const KvSequence::Injection& injection) { return injection.chunk->load() != nullptr; });
}

void CommitFill(KvSequence& sequence, int layer, const LayerFill& fill,
                int64_t captured_row_count) {
  KvSequence::LayerState& state = sequence.layer(layer);
  state.started = true;
  state.covered = fill.covered;
  state.cleared_blocks = fill.cleared_blocks;
  if (captured_row_count > 0) {
    sequence.capture().chunk->CommitRows(layer, captured_row_count);
  }
}

}  // namespace cacheblend
