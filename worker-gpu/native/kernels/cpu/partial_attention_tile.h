#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/partial_attention.h"

namespace cacheblend {

// Consecutive rows of one sequence times the query heads of one KV head: the queries that share
// all keys they load. Query i is row first_row + i / group, head i % group of the KV head's group.
struct AttentionTile {
  const PartialAttentionParams* params;
  int64_t sequence;
  int kv_head;
  int64_t first_row, end_row;  // rows of the step

  int Group() const { return params->num_heads / params->num_kv_heads; }
  int64_t NumQueries() const { return (end_row - first_row) * Group(); }
};

// Keys are processed in spans of fixed size. The partial result of a span starts from zero, and
// partial results are merged in ascending order, whether one task computes all spans or each span
// is a task. A row's output therefore depends on its query, position and KV alone, bit for bit.
inline constexpr int64_t kSpanTokens = 1024;

// Target number of queries per tile: a loaded key block is reused while it is in cache. A multiple
// of the micro-tile rows of every instruction set.
inline constexpr int64_t kTileQueries = 72;

// Kernels of one instruction set. Scratch memory and partial results are aligned to
// AlignedBuffer::kAlignment; their sizes are multiples of it.
struct AttentionTileKernels {
  int64_t (*scratch_bytes)(const PartialAttentionParams& params, int64_t queries);
  int64_t (*partial_bytes)(const PartialAttentionParams& params, int64_t queries);
  // Writes the tile's rows of `out` from the spans [first_span, end_span).
  void (*attend)(const AttentionTile& tile, int64_t first_span, int64_t end_span,
                 std::byte* scratch);
  // Writes the partial result of one span.
  void (*attend_span)(const AttentionTile& tile, int64_t span, std::byte* scratch,
                      std::byte* partial);
  // Writes the tile's rows of `out` from the partial results of its spans; overwrites the first.
  void (*merge_spans)(const AttentionTile& tile, int64_t spans, std::byte* partials);
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
