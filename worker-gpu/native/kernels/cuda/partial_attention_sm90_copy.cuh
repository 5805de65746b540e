#pragma once

#include "kernels/cuda/partial_attention_sm90_layout.cuh"
#include "kernels/cuda/partial_attention_sm90_work.cuh"
#include "kernels/cuda/sm90_ops.cuh"

// Producer warp: copies keys and values.
namespace cacheblend::cuda::sm90 {

template <typename L>
__device__ void CopyTile(const CUtensorMap* map, const Tile& tile, int block, int next_block,
                         uint32_t to, uint32_t barrier) {
  ArriveExpecting(barrier, L::kTileBytes);
#pragma unroll
  for (int panel = 0; panel < L::kPanels; ++panel) {
    const uint32_t at = to + panel * L::kPanelBytes;
    const int x = panel * kPanelColumns, y = tile.kv_head * kBlockTokens;
    CopyBox(at, map, x, y, block, barrier);
    CopyBox(at + kBlockTokens * kPanelRowBytes, map, x, y, next_block, barrier);
  }
}

template <typename L>
__device__ void CopyBlocks(const Sm90Launch& args, const Tile& tile, KeyRange range, int done,
                           const Shared<L>& shared) {
  constexpr int kPerTile = kSm90Keys / kBlockTokens;
  static_assert(kPerTile == 2);
  const int lane = threadIdx.x % 32;
  const int32_t* table = tile.block_table;
  // Block index past the pool, for blocks without keys of the tile: TMA fills out-of-bounds boxes
  // with zeros.
  const int out_of_bounds = static_cast<int>(args.launch.params.kv.num_blocks);
  const int last_entry = tile.last_position / kBlockTokens;
  const int count = range.end - range.first;
  int blocks[kPerTile] = {};
  int previous[kPerTile] = {};
  // Keys of block i before values of block i - 1, in the order of use.
  for (int i = 0; i <= count; ++i) {
    int current[kPerTile] = {};
    if (i < count) {
      if (i % 32 == 0) {
#pragma unroll
        for (int half = 0; half < kPerTile; ++half) {
          const int entry = (range.end - 1 - i - lane) * kPerTile + half;
          blocks[half] = entry >= 0 && entry <= last_entry ? table[entry] : out_of_bounds;
        }
      }
#pragma unroll
      for (int half = 0; half < kPerTile; ++half) {
        current[half] = __shfl_sync(~0u, blocks[half], i % 32);
      }
      const Turn turn(done + i);
      if (lane == 0) {
        AwaitPhase(shared.KeysEmpty(turn.stage), turn.parity ^ 1);
        CopyTile<L>(&args.keys, tile, current[0], current[1], shared.Keys(turn.stage),
                    shared.KeysFull(turn.stage));
      }
    }
    if (i > 0 && lane == 0) {
      const Turn turn(done + i - 1);
      AwaitPhase(shared.ValuesEmpty(turn.stage), turn.parity ^ 1);
      CopyTile<L>(&args.values, tile, previous[0], previous[1], shared.Values(turn.stage),
                  shared.ValuesFull(turn.stage));
    }
    __syncwarp();
#pragma unroll
    for (int half = 0; half < kPerTile; ++half) previous[half] = current[half];
  }
}

template <typename L>
__device__ void CopyAll(const Sm90Launch& args, const Shared<L>& shared) {
  Work work;
  for (int round = 0, done = 0; NextWork(args, &round, &work);) {
    CopyBlocks<L>(args, work.tile, work.range, done, shared);
    done += work.range.end - work.range.first;
  }
}

}  // namespace cacheblend::cuda::sm90
