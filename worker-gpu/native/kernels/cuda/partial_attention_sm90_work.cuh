#pragma once

#include <cuda.h>

#include "kernels/cuda/partial_attention_kernels.cuh"

// Static scheduling of tiles to thread blocks.
namespace cacheblend::cuda::sm90 {

struct Sm90Launch {
  CUtensorMap keys, values;
  AttentionLaunch launch;
  int pass_heads;  // KV heads per pass, see NextWork
};

// A tile or a split of a tile.
struct Work {
  Tile tile;
  KeyRange range;
  int split;
};

// Finds a thread block's next item with keys, starting at its `round`-th; false after the last. A
// pass covers the KV heads whose keys and values fit in L2. Within a pass, items are ordered from
// the longest tile to the shortest, all KV heads of a tile together. Odd rounds assign items in
// reverse order to balance the thread blocks.
__device__ inline bool NextWork(const Sm90Launch& args, int* round, Work* work) {
  const AttentionLaunch& launch = args.launch;
  const int pass_items = args.pass_heads * launch.max_tiles * launch.split.count;
  const int blocks = static_cast<int>(gridDim.x);
  const int pass_rounds = CeilDivide(pass_items, blocks);
  for (;; ++*round) {
    const int first_head = *round / pass_rounds * args.pass_heads;
    if (first_head >= launch.params.kv.num_kv_heads) return false;
    const int index = *round % 2 == 0 ? blockIdx.x : blocks - 1 - blockIdx.x;
    const int item = *round % pass_rounds * blocks + index;
    const int kv_head = first_head + item % args.pass_heads, tile = item / args.pass_heads;
    if (item >= pass_items || kv_head >= launch.params.kv.num_kv_heads) continue;
    work->split = tile / launch.max_tiles;
    const int index_of_tile = launch.max_tiles - 1 - tile % launch.max_tiles;
    if (!FindTile<kSm90TilePairs>(launch, index_of_tile, kv_head, &work->tile)) continue;
    work->range = KeysOf<kSm90Keys>(work->tile, launch.window, launch.split, work->split);
    if (work->range.first < work->range.end) {
      ++*round;
      return true;
    }
    WriteNoKeys<kSm90TilePairs>(launch, work->tile, work->split);
  }
}

}  // namespace cacheblend::cuda::sm90
