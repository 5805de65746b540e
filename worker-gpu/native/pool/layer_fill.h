#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pool/fence.h"

namespace cacheblend {

class KvSequence;

// What a step writes to one layer of a sequence beside its fresh rows, on the CPU and on CUDA.
//
// A layer that enters a block fills every slot of it: with fresh KV, with injected KV or with
// zeros. So nothing of an earlier owner of the block can be read, not even by a kernel that
// computes whole blocks.
struct LayerFill {
  int64_t from, to;        // positions to fill; fresh rows replace what is filled
  int64_t zeros_from;      // positions from here on that no chunk covers take zeros; all before are
                           // fresh or injected
  int64_t covered;         // afterwards, positions [0, covered) hold KV
  int64_t cleared_blocks;  // and blocks [0, cleared_blocks) hold nothing of earlier owners
  int64_t injected_row_count;  // rows of chunks in [from, to)

  bool empty() const { return from >= to; }
};

// For a step whose last position is step_end - 1 and that has fresh KV of fresh_row_count rows.
LayerFill FillFor(const KvSequence& sequence, int layer, int64_t step_end, int64_t fresh_row_count);

// Blocks until the layer of chunks at the positions [from, to) is there, or on its way to the
// device. Returns the fences of those on their way. Whatever reads a chunk calls it first. A chunk
// whose load has failed is not waited for: it holds undefined KV, and the caller of the step
// discards the result.
std::vector<std::shared_ptr<const Fence>> AwaitChunks(const KvSequence& sequence, int layer,
                                                      int64_t from, int64_t to);

// Whether chunks of the sequence come from a load, so that AwaitChunks can take time.
bool Loads(const KvSequence& sequence);

// Records the fill, and the rows that the sequence captured with it.
void CommitFill(KvSequence& sequence, int layer, const LayerFill& fill, int64_t captured_row_count);

// The block of the pool that a step up to step_end enters, if it is one block, the same in all
// layers, and all of them have run a step before; else -1. It counts as filled then: the caller
// fills it with zeros before the step writes rows, in all layers at once instead of in each.
int64_t EnterBlock(KvSequence& sequence, int64_t step_end);

// Blocks that hold the positions [0, positions).
int64_t BlocksFor(int64_t positions);

}  // namespace cacheblend
