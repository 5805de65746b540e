#pragma once

#include "kernels/cuda/partial_attention_sm90_multiply.cuh"
#include "kernels/cuda/partial_attention_sm90_work.cuh"

// Transfers of a warpgroup's queries and results between device and shared memory.
namespace cacheblend::cuda::sm90 {

// A thread's 16-byte pieces of its warpgroup's queries.
template <typename L>
struct Queries {
  static constexpr int kRowPieces = L::kPanels * 8;
  static constexpr int kPieces = kGroupPairs * kRowPieces / kWarpgroup;
  uint4 pieces[kPieces];

  __device__ void Load(const AttentionLaunch& launch, const Tile& tile, int group) {
    const int size = launch.params.kv.head_size, thread = threadIdx.x % kWarpgroup;
    const auto* q = static_cast<const typename L::T*>(launch.params.q);
#pragma unroll
    for (int i = 0; i < kPieces; ++i) {
      const int index = thread + i * kWarpgroup, d = index % kRowPieces * 8;
      const int pair = tile.first_pair + group * kGroupPairs + index / kRowPieces;
      pieces[i] = {0, 0, 0, 0};
      if (d < size && pair < tile.pairs) {
        const int64_t head = HeadIndex(launch, tile, pair);
        pieces[i] = __ldg(reinterpret_cast<const uint4*>(q + head * size + d));
      }
    }
  }

  __device__ void Store(uint32_t to) const {
#pragma unroll
    for (int i = 0; i < kPieces; ++i) {
      const int index = threadIdx.x % kWarpgroup + i * kWarpgroup;
      StoreShared(to + PieceOffset<L>(index / kRowPieces, index % kRowPieces), pieces[i]);
    }
    FenceSharedStores();
  }
};

// Stages results in the memory of the warpgroup's queries, which are no longer needed, and writes
// them in 16-byte pieces.
template <typename L>
__device__ void WriteOut(const AttentionLaunch& launch, const Tile& tile, int first_pair, int group,
                         uint32_t staging, GroupState<L>* state) {
  using T = typename L::T;
  const int thread = threadIdx.x % kWarpgroup, lane = thread % 32;
  const int size = launch.params.kv.head_size;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = thread / 32 * 16 + half * 8 + lane / 4;
    const float scale = 1 / QuadSum(state->rows[half].sum);
#pragma unroll
    for (int n = 0; n < L::kHead / 8; ++n) {
      const float* x = state->out + 4 * n + 2 * half;
      StoreShared(staging + PieceOffset<L>(row, n) + lane % 4 * 4,
                  Pack<T>(x[0] * scale, x[1] * scale));
    }
  }
  SyncNamed(kGroupSync + group, kWarpgroup);
  constexpr int kPieces = L::kPanels * 8;
  for (int i = thread; i < kGroupPairs * kPieces; i += kWarpgroup) {
    const int row = i / kPieces, piece = i % kPieces, pair = first_pair + row;
    if (piece * 8 >= size || pair >= tile.pairs) continue;
    const int64_t head = HeadIndex(launch, tile, pair);
    *reinterpret_cast<uint4*>(static_cast<T*>(launch.params.out) + head * size + piece * 8) =
        LoadShared(staging + PieceOffset<L>(row, piece));
  }
}

template <typename L>
__device__ void WritePartial(const AttentionLaunch& launch, const Tile& tile, int first_pair,
                             int split, GroupState<L>* state) {
  const int thread = threadIdx.x % kWarpgroup, lane = thread % 32;
  const int size = launch.params.kv.head_size;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int pair = first_pair + thread / 32 * 16 + half * 8 + lane / 4;
    const float sum = QuadSum(state->rows[half].sum);
    if (pair >= tile.pairs) continue;
    const int64_t head = HeadIndex(launch, tile, pair);
    const int64_t partial = split * Heads(launch) + head;
    if (lane % 4 == 0) WriteStatistics(launch, partial, state->rows[half].maximum, sum);
    float* out = launch.split.partials + partial * size;
#pragma unroll
    for (int n = 0; n < L::kHead / 8; ++n) {
      const int d = n * 8 + lane % 4 * 2;
      const float* x = state->out + 4 * n + 2 * half;
      if (d < size) {
        *reinterpret_cast<float2*>(out + d) = {x[0], x[1]};
      }
    }
  }
}

template <typename L>
__device__ void Write(const AttentionLaunch& launch, const Work& work, int group, uint32_t staging,
                      GroupState<L>* state) {
  const int first_pair = work.tile.first_pair + group * kGroupPairs;
  if (launch.split.count > 1) {
    WritePartial(launch, work.tile, first_pair, work.split, state);
  } else {
    WriteOut(launch, work.tile, first_pair, group, staging, state);
  }
}

}  // namespace cacheblend::cuda::sm90
