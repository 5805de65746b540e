#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/cuda/partial_attention.h"
#include "kernels/cuda/partial_attention_items.h"
#include "kernels/cuda/soft_cap.cuh"

// Partition of a launch into tiles. The query heads of a GQA group read the same keys, so a row's
// heads of one KV head are packed: pair m of a sequence is its row m / group, head m % group of the
// group. A tile is a range of pairs of one sequence and one KV head. It spans few rows, so their
// positions are close, and few key blocks need a mask.
namespace cacheblend::cuda {

// With few tiles, the key blocks of each tile are split evenly. Each split writes a partial result
// that the combine kernel merges.
struct KeySplit {
  int count;           // 1: no split, results go to `out`
  float* partials;     // [count][num_rows * num_heads][head_size], before division by the sum
  float2* statistics;  // [count][num_rows * num_heads]: maximum in base 2, sum
};

// Kernel parameters.
struct AttentionLaunch {
  PartialAttentionParams params;
  PerSequence<BlockTable> block_tables;
  ScoreScale scale;
  int window;     // 0 if no row's window excludes any of its keys
  int max_tiles;  // upper bound of the tiles of the step
  KeySplit split;
  const AttentionItem* items;  // null: all tiles, divided by `split`
  // Sequences of at most this many pairs have no tiles: items cover them.
  int item_pairs;
};

struct Tile {
  int sequence;
  BlockTable block_table;
  int row_begin;   // packed row of the sequence's first row
  int pairs;       // of the sequence
  int first_pair;  // of the tile
  int group;
  int kv_head;
  int first_position;  // of the tile's first row
  int last_position;   // of the tile's last row

  // Packed row of a pair. Pairs past the end map to the last pair.
  __device__ int Row(int pair) const { return row_begin + min(pair, pairs - 1) / group; }
  __device__ int Head(int pair) const { return kv_head * group + min(pair, pairs - 1) % group; }
};

__device__ inline int CeilDivide(int a, int b) { return (a + b - 1) / b; }

// Finds tile `index` of the step; false past the last. Called by whole warps.
template <int kTilePairs>
__device__ bool FindTile(const AttentionLaunch& launch, int index, int kv_head, Tile* tile) {
  const PartialAttentionParams& params = launch.params;
  const int group = params.num_heads / params.kv.num_kv_heads;
  tile->group = group;
  tile->kv_head = kv_head;
  if (params.num_sequences == 1) {
    tile->sequence = 0;
    tile->row_begin = 0;
    tile->pairs = static_cast<int>(params.num_rows) * group;
  } else {
    const int lane = threadIdx.x % 32;
    bool found = false;
    for (int base = 0; base < params.num_sequences && !found; base += 32) {
      const int s = base + lane;
      int begin = 0, pairs = 0;
      if (s < params.num_sequences) {
        begin = static_cast<int>(params.row_offsets[s]);
        pairs = (static_cast<int>(params.row_offsets[s + 1]) - begin) * group;
      }
      const int tiles = pairs <= launch.item_pairs ? 0 : CeilDivide(pairs, kTilePairs);
      int inclusive = tiles;
      for (int step = 1; step < 32; step *= 2) {
        const int below = __shfl_up_sync(~0u, inclusive, step);
        if (lane >= step) inclusive += below;
      }
      const unsigned reached = __ballot_sync(~0u, inclusive > index);
      found = reached != 0;
      const int owner = found ? __ffs(reached) - 1 : 31;
      if (found) {
        index -= __shfl_sync(~0u, inclusive - tiles, owner);
        tile->sequence = base + owner;
        tile->row_begin = __shfl_sync(~0u, begin, owner);
        tile->pairs = __shfl_sync(~0u, pairs, owner);
      } else {
        index -= __shfl_sync(~0u, inclusive, 31);
      }
    }
    if (!found) return false;
  }
  tile->block_table = launch.block_tables[tile->sequence];
  tile->first_pair = index * kTilePairs;
  tile->first_position = static_cast<int>(params.positions[tile->Row(tile->first_pair)]);
  tile->last_position =
      static_cast<int>(params.positions[tile->Row(tile->first_pair + kTilePairs - 1)]);
  return true;
}

// (row, head) pairs of the step, and the index of one of them.
__device__ inline int64_t Heads(const AttentionLaunch& launch) {
  return launch.params.num_rows * launch.params.num_heads;
}
__device__ inline int64_t HeadIndex(const AttentionLaunch& launch, const Tile& tile, int pair) {
  return int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
}

// Of a partial result. `maximum` is of unscaled scores.
__device__ inline void WriteStatistics(const AttentionLaunch& launch, int64_t partial,
                                       float maximum, float sum) {
  launch.split.statistics[partial] = {maximum * launch.scale.log2_scale, sum};
}

// Marks a split without keys of the tile for the combine kernel. Called by all threads.
template <int kTilePairs>
__device__ void WriteNoKeys(const AttentionLaunch& launch, const Tile& tile, int split) {
  const int end = min(tile.first_pair + kTilePairs, tile.pairs);
  for (int pair = tile.first_pair + threadIdx.x; pair < end; pair += blockDim.x) {
    WriteStatistics(launch, split * Heads(launch) + HeadIndex(launch, tile, pair), -INFINITY, 0);
  }
}

// Key blocks [first, end) of kKeys keys each that split `split` of the tile attends to.
struct KeyRange {
  int first, end;
};

template <int kKeys>
__device__ KeyRange KeysOf(const Tile& tile, int window, const KeySplit& split, int z) {
  const int first_key = window > 0 ? max(0, tile.first_position - window + 1) : 0;
  const int first = first_key / kKeys, end = tile.last_position / kKeys + 1;
  const int span = CeilDivide(end - first, split.count);
  return {first + z * span, min(end, first + (z + 1) * span)};
}

// Whether some pair of the tile does not see all keys of the block.
template <int kKeys>
__device__ bool NeedsMask(const Tile& tile, int window, int block) {
  return (block + 1) * kKeys - 1 > tile.first_position ||
         (window > 0 && block * kKeys <= tile.last_position - window);
}

}  // namespace cacheblend::cuda
