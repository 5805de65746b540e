#pragma once

#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_ops.cuh"
#include "kernels/cuda/partial_attention_pack.cuh"
#include "kernels/cuda/partial_attention_softmax.cuh"

// Processing of one block of keys and values in LaunchMma and LaunchDecode.
namespace cacheblend::cuda::mma {

// kRowWarps warps of 16 * kWarpTiles pairs each, times kKeyWarps that split the keys of a block.
template <typename Element, int kHeadSize, int kWarpTiles_, int kRowWarps_, int kKeyWarps_,
          int kStages_>
struct Config {
  using T = Element;
  static constexpr int kHead = kHeadSize;  // smaller heads are zero-padded
  static constexpr int kWarpTiles = kWarpTiles_, kRowWarps = kRowWarps_, kKeyWarps = kKeyWarps_;
  static constexpr int kStages = kStages_;  // blocks of keys and values in shared memory
  static constexpr int kThreads = 32 * kRowWarps * kKeyWarps;
  static constexpr int kPairs = 16 * kWarpTiles * kRowWarps;
  static constexpr int kWarpKeys = kMmaKeys / kKeyWarps;
  static constexpr int kStride = kHead + 8;  // no bank conflicts between the rows of a matrix
  static constexpr int kBlock = kMmaKeys * kStride;
  static constexpr int kSharedElements = kPairs * kStride + 2 * kStages * kBlock;
  // Partial results of the key warps reuse the memory of the blocks.
  static constexpr int kMergeStride = kHead + 4;
  static_assert(kKeyWarps == 1 || kRowWarps * kWarpTiles == 1);
  static_assert(kKeyWarps == 1 || kKeyWarps * 16 * (kMergeStride + 2) * 2 <= 2 * kStages * kBlock);
};

// Registers of a warp: 16 pairs per tile. A thread owns rows lane / 4 and lane / 4 + 8, and two of
// every 8 columns.
template <typename C>
struct WarpState {
  float out[C::kWarpTiles][C::kHead / 8][4] = {};
  RowSoftmax rows[C::kWarpTiles][2];
  Visible visible[C::kWarpTiles][2];
};

template <typename C>
__device__ void LoadQueries(const AttentionLaunch& launch, const Tile& tile, typename C::T* to) {
  const int size = launch.params.kv.head_size;
  const auto* q = static_cast<const typename C::T*>(launch.params.q);
  for (int i = threadIdx.x; i < C::kPairs * C::kHead / 8; i += C::kThreads) {
    const int row = i / (C::kHead / 8), d = i % (C::kHead / 8) * 8;
    const int pair = tile.first_pair + row;
    const int64_t head = HeadIndex(launch, tile, pair);
    CopyAsync(SharedAddress(to + row * C::kStride + d), d < size ? q + head * size + d : q,
              d < size && pair < tile.pairs);
  }
}

// Loads keys or values of a block; zeros for slots that no row of the tile sees.
template <typename C>
__device__ void LoadBlock(const AttentionLaunch& launch, const Tile& tile, const void* from,
                          int index, typename C::T* to) {
  const int size = launch.params.kv.head_size;
  const int64_t block = tile.block_table[index];
  const auto* source = static_cast<const typename C::T*>(from) +
                       block * launch.params.kv.block_stride +
                       int64_t{tile.kv_head} * kBlockTokens * size;
  for (int i = threadIdx.x; i < kMmaKeys * C::kHead / 8; i += C::kThreads) {
    const int slot = i / (C::kHead / 8), d = i % (C::kHead / 8) * 8;
    const bool valid = d < size && index * kMmaKeys + slot <= tile.last_position;
    CopyAsync(SharedAddress(to + slot * C::kStride + d), valid ? source + slot * size + d : source,
              valid);
  }
}

template <typename C>
using Scores = float[C::kWarpTiles][C::kWarpKeys / 8][4];

// scores = q . keys^T for the warp's pairs and keys.
template <typename C>
__device__ void Score(const typename C::T* q, const typename C::T* keys, Scores<C>& scores) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int step = 0; step < C::kHead / 16; ++step) {
    uint32_t a[C::kWarpTiles][4];
#pragma unroll
    for (int m = 0; m < C::kWarpTiles; ++m) {
      const int row = m * 16 + lane % 16;
      LoadMatrices(SharedAddress(q + row * C::kStride + step * 16 + lane / 16 * 8), a[m]);
    }
#pragma unroll
    for (int n = 0; n < C::kWarpKeys / 16; ++n) {
      uint32_t b[4];
      const int key = n * 16 + lane % 8 + lane / 16 * 8;
      LoadMatrices(SharedAddress(keys + key * C::kStride + step * 16 + lane / 8 % 2 * 8), b);
#pragma unroll
      for (int m = 0; m < C::kWarpTiles; ++m) {
        MultiplyAdd<typename C::T>(scores[m][2 * n], a[m], b[0], b[1]);
        MultiplyAdd<typename C::T>(scores[m][2 * n + 1], a[m], b[2], b[3]);
      }
    }
  }
}

// Turns scores into weights. The maximum that weights are relative to is raised only if it is too
// low for some row of the warp; then the accumulated output is rescaled. `key` is the thread's
// first key.
template <typename C, bool kMasked>
__device__ void Weigh(float log2_scale, int key, Scores<C>& scores, WarpState<C>* state) {
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
    RowSoftmax(&rows)[2] = state->rows[m];
    float maximum[2] = {-INFINITY, -INFINITY};
#pragma unroll
    for (int i = 0; i < C::kWarpKeys / 2; ++i) {
      float& score = scores[m][i / 4][i % 4];
      if (kMasked && !state->visible[m][i / 2 % 2](key + i / 4 * 8 + i % 2)) score = -INFINITY;
      maximum[i / 2 % 2] = fmaxf(maximum[i / 2 % 2], score);
    }
    maximum[0] = QuadMax(maximum[0]);
    maximum[1] = QuadMax(maximum[1]);
    if (__any_sync(~0u, rows[0].IsTooLow(maximum[0], log2_scale) ||
                            rows[1].IsTooLow(maximum[1], log2_scale))) {
      const float shrink[2] = {rows[0].Raise(maximum[0], log2_scale),
                               rows[1].Raise(maximum[1], log2_scale)};
#pragma unroll
      for (int i = 0; i < C::kHead / 2; ++i) state->out[m][i / 4][i % 4] *= shrink[i / 2 % 2];
    }
#pragma unroll
    for (int i = 0; i < C::kWarpKeys / 2; ++i) {
      float& score = scores[m][i / 4][i % 4];
      score = Exp2(score * log2_scale - rows[i / 2 % 2].Offset(log2_scale));
      rows[i / 2 % 2].sum += score;
    }
  }
}

// out += weights . values
template <typename C>
__device__ void AddValues(const typename C::T* values, const Scores<C>& weights,
                          WarpState<C>* state) {
  using T = typename C::T;
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int step = 0; step < C::kWarpKeys / 16; ++step) {
    uint32_t a[C::kWarpTiles][4];
#pragma unroll
    for (int m = 0; m < C::kWarpTiles; ++m) {
      const auto& left = weights[m][2 * step];
      const auto& right = weights[m][2 * step + 1];
      a[m][0] = Pack<T>(left[0], left[1]);
      a[m][1] = Pack<T>(left[2], left[3]);
      a[m][2] = Pack<T>(right[0], right[1]);
      a[m][3] = Pack<T>(right[2], right[3]);
    }
#pragma unroll
    for (int n = 0; n < C::kHead / 16; ++n) {
      uint32_t b[4];
      const int key = step * 16 + lane % 16;
      LoadMatricesTransposed(SharedAddress(values + key * C::kStride + n * 16 + lane / 16 * 8), b);
#pragma unroll
      for (int m = 0; m < C::kWarpTiles; ++m) {
        MultiplyAdd<T>(state->out[m][2 * n], a[m], b[0], b[1]);
        MultiplyAdd<T>(state->out[m][2 * n + 1], a[m], b[2], b[3]);
      }
    }
  }
}

}  // namespace cacheblend::cuda::mma
