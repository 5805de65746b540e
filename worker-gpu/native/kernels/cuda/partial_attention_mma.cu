#include <algorithm>

#include "kernels/cuda/check.h"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_ops.cuh"
#include "kernels/cuda/partial_attention_setup.h"
#include "kernels/cuda/partial_attention_softmax.cuh"

namespace cacheblend::cuda {
namespace {

// kRowWarps warps of 16 * kWarpTiles pairs each, times kKeyWarps that share out the keys of a
// block.
template <typename Element, int kHeadSize, int kWarpTiles_, int kRowWarps_, int kKeyWarps_,
          int kStages_>
struct Config {
  using T = Element;
  static constexpr int kHead = kHeadSize;  // zeros follow a smaller head
  static constexpr int kWarpTiles = kWarpTiles_, kRowWarps = kRowWarps_, kKeyWarps = kKeyWarps_;
  static constexpr int kStages = kStages_;  // blocks of keys and values in shared memory
  static constexpr int kThreads = 32 * kRowWarps * kKeyWarps;
  static constexpr int kPairs = 16 * kWarpTiles * kRowWarps;
  static constexpr int kWarpKeys = kMmaKeys / kKeyWarps;
  static constexpr int kStride = kHead + 8;  // no bank conflicts between the rows of a matrix
  static constexpr int kBlock = kMmaKeys * kStride;
  static constexpr int kSharedElements = kPairs * kStride + 2 * kStages * kBlock;
  // Partial results of the key warps, where the blocks were.
  static constexpr int kMergeStride = kHead + 4;
  static_assert(kKeyWarps == 1 || kRowWarps * kWarpTiles == 1);
  static_assert(kKeyWarps == 1 || kKeyWarps * 16 * (kMergeStride + 2) * 2 <= 2 * kStages * kBlock);
};

// What a warp holds: 16 pairs per tile, of which a thread has rows lane / 4 and lane / 4 + 8, and
// of every 8 columns two.
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
    const int64_t head = int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
    CopyAsync(SharedAddress(to + row * C::kStride + d), d < size ? q + head * size + d : q,
              d < size && pair < tile.pairs);
  }
}

// Keys or values of a block; zeros in slots that no row of the tile sees, whatever they hold.
template <typename C>
__device__ void LoadBlock(const AttentionLaunch& launch, const Tile& tile, const void* from,
                          int index, typename C::T* to) {
  const int size = launch.params.kv.head_size;
  const int64_t block = launch.params.tables.of[tile.sequence][index];
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

// Scores become weights; earlier output shrinks to the new maximum. `key` is the thread's first.
template <typename C, bool kMasked>
__device__ void Weigh(float log2_scale, int key, Scores<C>& scores, WarpState<C>* state) {
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      RowSoftmax& row = state->rows[m][half];
      float maximum = -INFINITY;
#pragma unroll
      for (int n = 0; n < C::kWarpKeys / 8; ++n) {
#pragma unroll
        for (int i = 2 * half; i < 2 * half + 2; ++i) {
          float& score = scores[m][n][i];
          if (kMasked && !state->visible[m][half](key + n * 8 + i % 2)) score = -INFINITY;
          maximum = fmaxf(maximum, score);
        }
      }
      const float shrink = row.Raise(QuadMax(maximum), log2_scale), offset = row.Offset(log2_scale);
#pragma unroll
      for (int n = 0; n < C::kWarpKeys / 8; ++n) {
#pragma unroll
        for (int i = 2 * half; i < 2 * half + 2; ++i) {
          scores[m][n][i] = Exp2(scores[m][n][i] * log2_scale - offset);
          row.sum += scores[m][n][i];
        }
      }
#pragma unroll
      for (int n = 0; n < C::kHead / 8; ++n) {
        state->out[m][n][2 * half] *= shrink;
        state->out[m][n][2 * half + 1] *= shrink;
      }
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

// Two neighbouring elements of a pair's result: of the output, or of the split's partial one.
template <typename T>
__device__ void Write(const AttentionLaunch& launch, int64_t head, int d, float x, float y,
                      float sum) {
  const int size = launch.params.kv.head_size;
  if (d >= size) return;
  if (launch.split.count == 1) {
    auto* out = static_cast<T*>(launch.params.out) + head * size + d;
    *reinterpret_cast<uint32_t*>(out) = Pack<T>(x / sum, y / sum);
  } else {
    const int64_t heads = launch.params.num_rows * launch.params.num_heads;
    float* out = launch.split.partials + (blockIdx.z * heads + head) * size + d;
    *reinterpret_cast<float2*>(out) = {x, y};
  }
}

__device__ void WriteStatistics(const AttentionLaunch& launch, int64_t head, float maximum,
                                float sum) {
  const int64_t heads = launch.params.num_rows * launch.params.num_heads;
  launch.split.statistics[blockIdx.z * heads + head] = {maximum * launch.log2_scale, sum};
}

template <typename C>
__device__ void WriteWarp(const AttentionLaunch& launch, const Tile& tile, int first_pair,
                          WarpState<C>* state) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int pair = first_pair + m * 16 + half * 8 + lane / 4;
      const float sum = QuadSum(state->rows[m][half].sum);
      if (pair >= tile.pairs) continue;
      const int64_t head = int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
#pragma unroll
      for (int n = 0; n < C::kHead / 8; ++n) {
        Write<typename C::T>(launch, head, n * 8 + lane % 4 * 2, state->out[m][n][2 * half],
                             state->out[m][n][2 * half + 1], sum);
      }
      if (launch.split.count > 1 && lane % 4 == 0) {
        WriteStatistics(launch, head, state->rows[m][half].maximum, sum);
      }
    }
  }
}

// Adds up what the key warps found and writes it. `shared` holds nothing of use any more.
template <typename C>
__device__ void MergeAndWrite(const AttentionLaunch& launch, const Tile& tile, float* shared,
                              WarpState<C>* state) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float2* statistics = reinterpret_cast<float2*>(shared);  // [kKeyWarps][16]
  float* partials = shared + C::kKeyWarps * 16 * 2;        // [kKeyWarps][16][kMergeStride]
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = warp * 16 + half * 8 + lane / 4;
    const RowSoftmax& softmax = state->rows[0][half];
    const float sum = QuadSum(softmax.sum);
    if (lane % 4 == 0) statistics[row] = {softmax.maximum, sum};
#pragma unroll
    for (int n = 0; n < C::kHead / 8; ++n) {
      *reinterpret_cast<float2*>(partials + row * C::kMergeStride + n * 8 + lane % 4 * 2) = {
          state->out[0][n][2 * half], state->out[0][n][2 * half + 1]};
    }
  }
  __syncthreads();
  for (int i = threadIdx.x; i < 16 * C::kHead / 2; i += C::kThreads) {
    const int row = i / (C::kHead / 2), d = i % (C::kHead / 2) * 2;
    const int pair = tile.first_pair + row;
    if (pair >= tile.pairs) break;
    float maximum = -INFINITY, sum = 0, x = 0, y = 0;
    for (int w = 0; w < C::kKeyWarps; ++w) {
      maximum = fmaxf(maximum, statistics[w * 16 + row].x);
    }
    for (int w = 0; w < C::kKeyWarps; ++w) {
      const float2 part = statistics[w * 16 + row];
      const float weight = Exp2((part.x - RowSoftmax::Finite(maximum)) * launch.log2_scale);
      const float* values = partials + (w * 16 + row) * C::kMergeStride + d;
      sum += part.y * weight;
      x += values[0] * weight;
      y += values[1] * weight;
    }
    const int64_t head = int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair);
    Write<typename C::T>(launch, head, d, x, y, sum);
    if (launch.split.count > 1 && d == 0) WriteStatistics(launch, head, maximum, sum);
  }
}

// The keys of the split do not reach the tile's sequence: the combine kernel must know.
template <typename C>
__device__ void WriteNothing(const AttentionLaunch& launch, const Tile& tile) {
  for (int i = threadIdx.x; i < C::kPairs && tile.first_pair + i < tile.pairs; i += C::kThreads) {
    const int pair = tile.first_pair + i;
    WriteStatistics(launch, int64_t{tile.Row(pair)} * launch.params.num_heads + tile.Head(pair),
                    -INFINITY, 0);
  }
}

// grid: KV heads, tiles from the last (its rows see most keys), splits.
template <typename C>
__global__ void __launch_bounds__(C::kThreads)
    AttendTile(const __grid_constant__ AttentionLaunch launch) {
  using T = typename C::T;
  extern __shared__ uint4 shared[];
  T* const queries = reinterpret_cast<T*>(shared);     // [kPairs][kStride]
  T* const blocks = queries + C::kPairs * C::kStride;  // [kStages][keys, values][64][kStride]
  LaunchDependents();
  Tile tile;
  if (!FindTile<C::kPairs>(launch.params, gridDim.y - 1 - blockIdx.y, blockIdx.x, &tile)) return;
  const KeyRange range = KeysOf<kMmaKeys>(tile, launch.window, launch.split, blockIdx.z);
  if (range.first >= range.end) return WriteNothing<C>(launch, tile);

  const auto load = [&](int index, bool value) {
    if (index < range.end) {
      LoadBlock<C>(launch, tile, value ? launch.params.kv.values : launch.params.kv.keys, index,
                   blocks + ((index - range.first) % C::kStages * 2 + value) * C::kBlock);
    }
    CommitCopies();
  };
  LoadQueries<C>(launch, tile, queries);  // awaited with the first keys
  for (int stage = 0; stage < C::kStages; ++stage) {
    load(range.first + stage, false);
    load(range.first + stage, true);
  }

  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int warp_pair = warp % C::kRowWarps * 16 * C::kWarpTiles;
  const int warp_key = warp / C::kRowWarps * C::kWarpKeys;
  WarpState<C> state;
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int pair = tile.first_pair + warp_pair + m * 16 + half * 8 + lane / 4;
      const auto position = static_cast<int>(launch.params.positions[tile.Row(pair)]);
      state.visible[m][half] = VisibleFrom(position, launch.window);
    }
  }

  for (int index = range.first; index < range.end; ++index) {
    const T* keys = blocks + (index - range.first) % C::kStages * 2 * C::kBlock;
    Scores<C> scores = {};
    AwaitCopies<2 * C::kStages - 1>();
    __syncthreads();
    Score<C>(queries + warp_pair * C::kStride, keys + warp_key * C::kStride, scores);
    __syncthreads();
    load(index + C::kStages, false);
    const int key = index * kMmaKeys + warp_key + lane % 4 * 2;
    if (NeedsMask<kMmaKeys>(tile, launch.window, index)) {
      Weigh<C, true>(launch.log2_scale, key, scores, &state);
    } else {
      Weigh<C, false>(launch.log2_scale, key, scores, &state);
    }
    AwaitCopies<2 * C::kStages - 1>();
    __syncthreads();
    AddValues<C>(keys + C::kBlock + warp_key * C::kStride, scores, &state);
    __syncthreads();
    load(index + C::kStages, true);
  }

  AwaitCopies<0>();
  if constexpr (C::kKeyWarps == 1) {
    WriteWarp<C>(launch, tile, tile.first_pair + warp_pair, &state);
  } else {
    MergeAndWrite<C>(launch, tile, reinterpret_cast<float*>(blocks), &state);
  }
}

template <typename C>
void Launch(const AttentionLaunch& launch, cudaStream_t stream) {
  constexpr int kBytes = C::kSharedElements * sizeof(typename C::T);
  AllowSharedMemory<AttendTile<C>>(kBytes);
  const dim3 grid(launch.params.kv.num_kv_heads, launch.max_tiles, launch.split.count);
  AttendTile<C><<<grid, C::kThreads, kBytes, stream>>>(launch);
  Check(cudaGetLastError(), "launch of PartialAttention");
}

template <typename T, int kHead>
using LargeTile = Config<T, kHead, kMmaTilePairs / 64, 4, 1, 1>;
template <typename T, int kHead>
using SmallTile = Config<T, kHead, 1, 1, 4, 3>;

}  // namespace

void LaunchMma(const AttentionLaunch& launch, cudaStream_t stream) {
  ForTypeAndHead(launch.params.kv, [&](auto type, auto head) {
    Launch<LargeTile<typename decltype(type)::Type, decltype(head)::value>>(launch, stream);
  });
}

void LaunchDecode(const AttentionLaunch& launch, cudaStream_t stream) {
  ForTypeAndHead(launch.params.kv, [&](auto type, auto head) {
    Launch<SmallTile<typename decltype(type)::Type, decltype(head)::value>>(launch, stream);
  });
}

}  // namespace cacheblend::cuda
