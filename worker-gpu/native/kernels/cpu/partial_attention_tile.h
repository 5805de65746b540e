#pragma once

#include <cstdint>

#include "kernels/partial_attention.h"

namespace cacheblend {

// Consecutive rows of one sequence and all query heads that read one KV head: the queries that
// share every key they load. Query i of a tile is row first_row + i / group, head i % group of the
// KV head's group.
struct AttentionTile {
  const PartialAttentionParams* params;
  int64_t sequence;
  int kv_head;
  int64_t first_row, end_row;  // rows of the step
};

// Keys are taken in spans of fixed size. What a span contributes is computed from zero and merged
// in ascending order, whether one task walks all spans or each has a task of its own: a row's
// result depends on its query, position and KV alone, to the last bit.
inline constexpr int64_t kSpanTokens = 1024;

// Queries per tile that are aimed at: enough work per loaded key block to stay in cache, and a
// multiple of the rows of every instruction set's micro-kernel.
inline constexpr int64_t kTileQueries = 72;

// Kernels of one instruction set. Scratch and partial results are 64-byte aligned.
struct AttentionTileKernels {
  int64_t (*scratch_floats)(const PartialAttentionParams& params, int64_t queries);
  int64_t (*partial_floats)(const PartialAttentionParams& params, int64_t queries);
  // Writes the tile's rows of `out`, from keys of the spans [first_span, end_span).
  void (*attend)(const AttentionTile& tile, int64_t first_span, int64_t end_span, float* scratch);
  // Writes what one span contributes.
  void (*attend_span)(const AttentionTile& tile, int64_t span, float* scratch, float* partial);
  // Writes the tile's rows of `out` from partial results in the order of their spans; spoils them.
  void (*merge_spans)(const AttentionTile& tile, int64_t spans, float* partials);
};

namespace baseline {
extern const AttentionTileKernels kAttentionTileKernels;
}
namespace avx2 {
extern const AttentionTileKernels kAttentionTileKernels;
}
namespace avx512 {
extern const AttentionTileKernels kAttentionTileKernels;
}

}  // namespace cacheblend
