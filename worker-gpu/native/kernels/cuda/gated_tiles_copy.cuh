#pragma once

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/gated_tiles_layout.cuh"

// The thread that fetches rows and weights.
namespace cacheblend::cuda::tiles {

// Two boxes for each of the pair, or one of them for both.
template <bool kShared, typename Box>
__device__ void CopyHalves(const CUtensorMap* map, int x, uint32_t barrier, const Box& box) {
  constexpr uint16_t kBoth = 0b11;
  if constexpr (kShared) {
    const auto [to, y] = box(ClusterRank());
    CopyBoxToAll(to, map, x, y, barrier, kBoth);
  } else {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const auto [to, y] = box(half);
      CopyBox(to, map, x, y, barrier);
    }
  }
}

struct Box {
  uint32_t to;
  int y;
};

template <typename L>
__device__ void CopyRows(const TileLaunch& args, const Tile& tile, int step, int stage,
                         const Shared<L>& shared) {
  CopyHalves<L::kPair == TilePair::kColumns>(
      &args.x, step * kTileDepth, shared.Full(stage), [&](int half) {
        return Box{shared.Rows(stage, half), tile.row_tile * kTileRows + half * kGroupRows};
      });
}

template <typename L>
__device__ void CopyWeights(const TileLaunch& args, const Tile& tile, int step, int stage,
                            const Shared<L>& shared) {
  CopyHalves<L::kPair == TilePair::kRows>(
      &args.weight, step * kTileDepth, shared.Full(stage), [&](int half) {
        return Box{shared.Weights(stage, half),
                   tile.column_tile * L::kColumns + half * static_cast<int>(args.params.out_size)};
      });
}

// The first weights are on their way before the kernel ahead has ended, rows come after.
template <typename L>
__device__ void CopyAll(const TileLaunch& args, const Shared<L>& shared) {
  Tile tile;
  bool more = NextTile<L>(args, 0, &tile);
  const int early = more ? min(L::kStages, args.depth) : 0;
  for (int i = 0; i < early; ++i) {
    ArriveExpecting(shared.Full(i), L::kStageBytes);
    CopyWeights<L>(args, tile, i, i, shared);
  }
  AwaitPrimary();
  Stage<L> stage;
  for (int i = 0; i < early; ++i) {
    CopyRows<L>(args, tile, i, i, shared);
    stage.Advance();
  }
  int first = early;
  for (int round = 1; more; more = NextTile<L>(args, round++, &tile)) {
    for (int step = first; step < args.depth; ++step) {
      AwaitPhase(shared.Empty(stage.index), stage.parity ^ 1);
      ArriveExpecting(shared.Full(stage.index), L::kStageBytes);
      CopyWeights<L>(args, tile, step, stage.index, shared);
      CopyRows<L>(args, tile, step, stage.index, shared);
      stage.Advance();
    }
    first = 0;
  }
}

}  // namespace cacheblend::cuda::tiles
