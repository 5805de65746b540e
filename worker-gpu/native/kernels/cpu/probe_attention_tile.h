#pragma once

#include <cstdint>

#include "kernels/probe_attention.h"

namespace cacheblend {

// Consecutive query rows of one probe times the query heads of one KV head. Query i is row
// first_row + i / group, head i % group of the KV head's group.
struct ProbeTile {
  const ProbeAttentionParams* params;
  const ProbeSequence* probe;
  int kv_head;
  int64_t first_row, end_row;  // rows of the step
  float* queries;              // [capacity * head_size], packed and scaled by `statistics`
  float* maxima;               // [capacity], in base 2
  float* factors;              // [capacity], weight / sum of 2^(score - maximum)

  int Group() const { return params->num_heads / params->num_kv_heads; }
  int64_t NumQueries() const { return (end_row - first_row) * Group(); }
  // First key that the row of a query sees.
  int64_t FirstKey(int64_t query) const {
    const int64_t position = params->positions[first_row + query / Group()];
    return params->window > 0 && position >= params->window ? position - params->window + 1 : 0;
  }
};

// Rounded up to micro-tiles of every instruction set.
inline int64_t ProbeTileCapacity(int64_t queries) { return (queries + 11) / 12 * 12; }

// Kernels of one instruction set. They do not allocate.
struct ProbeTileKernels {
  // Packs the queries of a tile, and computes maxima and factors over all keys that they see.
  void (*statistics)(const ProbeTile& tile);
  // Adds the masses of the key blocks [first_block, end_block), at most kProbeTaskBlocks, from the
  // tiles of one probe and KV head, in their order.
  void (*accumulate)(const ProbeTile* tiles, int64_t tile_count, int64_t first_block,
                     int64_t end_block);
};

inline constexpr int64_t kProbeTaskBlocks = 8;

namespace baseline {
extern const ProbeTileKernels kProbeTileKernels;
}
namespace avx2 {
extern const ProbeTileKernels kProbeTileKernels;
}
namespace avx512 {
extern const ProbeTileKernels kProbeTileKernels;
}

}  // namespace cacheblend
