#pragma once

#include "kernels/cuda/partial_attention_pack.cuh"
#include "kernels/cuda/partial_attention_sm90_layout.cuh"
#include "kernels/cuda/partial_attention_softmax.cuh"
#include "kernels/cuda/sm90_ops.cuh"

// Consumer warpgroup: processing of one block of keys and values.
namespace cacheblend::cuda::sm90 {

// A thread's share of a warpgroup's 64 pairs: rows lane / 4 and lane / 4 + 8 of its warp's 16, and
// two of every 8 columns.
template <typename L>
struct GroupState {
  float scores[kSm90Keys / 2];
  uint32_t weights[kSm90Keys / 16][4];
  float out[L::kHead / 2];
  RowSoftmax rows[2];
  Visible visible[2];
};

// Finds the visible keys of the thread's rows.
template <typename L>
__device__ void FindVisible(const AttentionLaunch& launch, const Tile& tile, int group,
                            GroupState<L>* state) {
  const int thread = threadIdx.x % kWarpgroup;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int pair =
        tile.first_pair + group * kGroupPairs + thread / 32 * 16 + half * 8 + thread % 32 / 4;
    const auto position = static_cast<int>(launch.params.positions[tile.Row(pair)]);
    state->visible[half] = VisibleFrom(position, launch.window);
  }
}

// Issues scores = q . keys^T.
template <typename L>
__device__ void StartScores(uint32_t queries, uint32_t keys, float (&scores)[kSm90Keys / 2]) {
  FenceRegisters();
#pragma unroll
  for (int step = 0; step < L::kHead / 16; ++step) {
    const uint32_t at = step / 4 * L::kPanelBytes + step % 4 * 32;
    MultiplyShared<typename L::T>(scores, MatrixDescriptor(queries + at, 0),
                                  MatrixDescriptor(keys + at, 0), step > 0);
  }
  CommitMultiplications();
}

// Issues out += weights . values, or out = weights . values.
template <typename L>
__device__ void StartValues(const uint32_t (&weights)[kSm90Keys / 16][4], uint32_t values, bool add,
                            float (&out)[L::kHead / 2]) {
  FenceRegisters();
#pragma unroll
  for (int step = 0; step < kSm90Keys / 16; ++step) {
    const uint32_t at = step * 16 * kPanelRowBytes;
    MultiplyValues<typename L::T>(out, weights[step], MatrixDescriptor(values + at, L::kPanelBytes),
                                  add || step > 0);
  }
  CommitMultiplications();
}

// Turns scores into weights in place. The maximum that weights are relative to is raised only if it
// is too low for some row of the warp; then returns true, and the caller scales accumulated output
// by `shrink`.
template <typename L>
__device__ bool Weigh(const AttentionLaunch& launch, const Tile& tile, int index,
                      GroupState<L>* state, float (&shrink)[2]) {
  float(&scores)[kSm90Keys / 2] = state->scores;
  if (NeedsMask<kSm90Keys>(tile, launch.window, index)) {
    const int key = index * kSm90Keys + threadIdx.x % 4 * 2;
#pragma unroll
    for (int i = 0; i < kSm90Keys / 2; ++i) {
      if (!state->visible[i / 2 % 2](key + i / 4 * 8 + i % 2)) scores[i] = -INFINITY;
    }
  }
  float maximum[2] = {-INFINITY, -INFINITY};
#pragma unroll
  for (int i = 0; i < kSm90Keys / 2; i += 2) {
    float& row_maximum = maximum[i / 2 % 2];
    row_maximum = fmaxf(row_maximum, fmaxf(scores[i], scores[i + 1]));
  }
  maximum[0] = QuadMax(maximum[0]);
  maximum[1] = QuadMax(maximum[1]);
  const bool raise =
      __any_sync(~0u, state->rows[0].IsTooLow(maximum[0], launch.scale.log2_scale) ||
                          state->rows[1].IsTooLow(maximum[1], launch.scale.log2_scale));
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    RowSoftmax& row = state->rows[half];
    if (raise) shrink[half] = row.Raise(maximum[half], launch.scale.log2_scale);
    const float offset = row.Offset(launch.scale.log2_scale);
#pragma unroll
    for (int i = 2 * half; i < kSm90Keys / 2; i += 4) {
      scores[i] = Exp2(scores[i] * launch.scale.log2_scale - offset);
      scores[i + 1] = Exp2(scores[i + 1] * launch.scale.log2_scale - offset);
      row.sum += scores[i] + scores[i + 1];
    }
  }
  return raise;
}

template <typename L>
__device__ void RoundWeights(GroupState<L>* state) {
#pragma unroll
  for (int i = 0; i < kSm90Keys / 4; ++i) {
    state->weights[i / 4][i % 4] =
        Pack<typename L::T>(state->scores[2 * i], state->scores[2 * i + 1]);
  }
}

// Slots after the sequence's last position may hold NaN, and 0 * NaN is NaN.
template <typename L>
__device__ void ZeroPastEnd(int first_key, int last_key, uint32_t values) {
  const int first_slot = max(0, last_key + 1 - first_key);
  constexpr int kPieces = L::kPanels * 8;
  for (int i = threadIdx.x + first_slot * kPieces; i < kSm90Keys * kPieces; i += kConsumers) {
    StoreShared(values + PieceOffset<L>(i / kPieces, i % kPieces), uint4{0, 0, 0, 0});
  }
  FenceSharedStores();
  SyncNamed(kConsumerSync, kConsumers);
}

}  // namespace cacheblend::cuda::sm90
