#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_tile.cuh"
#include "kernels/cuda/partial_attention_setup.h"

namespace cacheblend::cuda {
namespace mma {
namespace {

// Where the results of a thread block go: to the output, or to partial results.
struct Target {
  bool is_partial;
  int item_partial;  // of pair 0; -1 if splits divide the work

  // Index of a pair's partial result.
  __device__ int64_t Partial(const AttentionLaunch& launch, int64_t head, int pair) const {
    return item_partial >= 0 ? item_partial + pair : blockIdx.z * Heads(launch) + head;
  }
};

// Writes two adjacent elements of a pair's result.
template <typename T>
__device__ void Write(const AttentionLaunch& launch, const Target& target, int64_t head, int pair,
                      int d, float x, float y, float sum) {
  const int size = launch.params.kv.head_size;
  if (d >= size) return;
  if (!target.is_partial) {
    auto* out = static_cast<T*>(launch.params.out) + head * size + d;
    *reinterpret_cast<uint32_t*>(out) = Pack<T>(x / sum, y / sum);
  } else {
    float* out = launch.split.partials + target.Partial(launch, head, pair) * size + d;
    *reinterpret_cast<float2*>(out) = {x, y};
  }
}

template <typename C>
__device__ void WriteWarp(const AttentionLaunch& launch, const Tile& tile, const Target& target,
                          int first_pair, WarpState<C>* state) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int pair = first_pair + m * 16 + half * 8 + lane / 4;
      const float sum = QuadSum(state->rows[m][half].sum);
      if (pair >= tile.pairs) continue;
      const int64_t head = HeadIndex(launch, tile, pair);
#pragma unroll
      for (int n = 0; n < C::kHead / 8; ++n) {
        Write<typename C::T>(launch, target, head, pair, n * 8 + lane % 4 * 2,
                             state->out[m][n][2 * half], state->out[m][n][2 * half + 1], sum);
      }
      if (target.is_partial && lane % 4 == 0) {
        WriteStatistics(launch, target.Partial(launch, head, pair), state->rows[m][half].maximum,
                        sum);
      }
    }
  }
}

// Merges and writes the results of the key warps. Overwrites `shared`.
template <typename C>
__device__ void MergeAndWrite(const AttentionLaunch& launch, const Tile& tile, const Target& target,
                              float* shared, WarpState<C>* state) {
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
      const float weight = Exp2((part.x - RowSoftmax::Finite(maximum)) * launch.scale.log2_scale);
      const float* values = partials + (w * 16 + row) * C::kMergeStride + d;
      sum += part.y * weight;
      x += values[0] * weight;
      y += values[1] * weight;
    }
    const int64_t head = HeadIndex(launch, tile, pair);
    Write<typename C::T>(launch, target, head, pair, d, x, y, sum);
    if (target.is_partial && d == 0) {
      WriteStatistics(launch, target.Partial(launch, head, pair), maximum, sum);
    }
  }
}

// The work of an item: the one tile of its sequence, for KV head blockIdx.x.
__device__ void FindItem(const AttentionLaunch& launch, Tile* tile, KeyRange* range,
                         Target* target) {
  const PartialAttentionParams& p = launch.params;
  const AttentionItem item = launch.items[blockIdx.y];
  tile->sequence = item.sequence;
  tile->block_table = launch.block_tables[item.sequence];
  tile->group = p.num_heads / p.kv.num_kv_heads;
  tile->kv_head = blockIdx.x;
  tile->row_begin = static_cast<int>(p.row_offsets[item.sequence]);
  const int rows = static_cast<int>(p.row_offsets[item.sequence + 1]) - tile->row_begin;
  tile->pairs = rows * tile->group;
  tile->first_pair = 0;
  tile->first_position = static_cast<int>(p.positions[tile->row_begin]);
  tile->last_position = static_cast<int>(p.positions[tile->row_begin + rows - 1]);
  *range = {item.first_block, item.end_block};
  *target = {item.partial >= 0, item.partial + tile->kv_head * tile->pairs};
}

// Grid: KV heads, tiles from the last (its rows see the most keys), splits; or KV heads, items,
// which only warps that split the keys process.
template <typename C>
__global__ void __launch_bounds__(C::kThreads)
    AttendTile(const __grid_constant__ AttentionLaunch launch) {
  using T = typename C::T;
  extern __shared__ uint4 shared[];
  T* const queries = reinterpret_cast<T*>(shared);     // [kPairs][kStride]
  T* const blocks = queries + C::kPairs * C::kStride;  // [kStages][keys, values][64][kStride]
  LaunchDependents();
  AwaitPrimary();
  Tile tile;
  KeyRange range;
  Target target = {launch.split.count > 1, -1};
  if (C::kKeyWarps > 1 && launch.items != nullptr) {
    FindItem(launch, &tile, &range, &target);
  } else {
    const int index = gridDim.y - 1 - blockIdx.y;
    if (!FindTile<C::kPairs>(launch, index, blockIdx.x, &tile)) return;
    range = KeysOf<kMmaKeys>(tile, launch.window, launch.split, blockIdx.z);
    if (range.first >= range.end) return WriteNoKeys<C::kPairs>(launch, tile, blockIdx.z);
  }

  const auto load = [&](int index, bool value) {
    if (index < range.end) {
      LoadBlock<C>(launch, tile, value ? launch.params.kv.values : launch.params.kv.keys, index,
                   blocks + ((index - range.first) % C::kStages * 2 + value) * C::kBlock);
    }
    CommitCopies();
  };
  LoadQueries<C>(launch, tile, queries);  // completes with the first keys
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
    launch.scale.Cap(scores);
    const int key = index * kMmaKeys + warp_key + lane % 4 * 2;
    if (NeedsMask<kMmaKeys>(tile, launch.window, index)) {
      Weigh<C, true>(launch.scale.log2_scale, key, scores, &state);
    } else {
      Weigh<C, false>(launch.scale.log2_scale, key, scores, &state);
    }
    AwaitCopies<2 * C::kStages - 1>();
    __syncthreads();
    AddValues<C>(keys + C::kBlock + warp_key * C::kStride, scores, &state);
    __syncthreads();
    load(index + C::kStages, true);
  }

  AwaitCopies<0>();
  if constexpr (C::kKeyWarps == 1) {
    WriteWarp<C>(launch, tile, target, tile.first_pair + warp_pair, &state);
  } else {
    MergeAndWrite<C>(launch, tile, target, reinterpret_cast<float*>(blocks), &state);
  }
}

// `max_tiles`: upper bound of the tiles, or the number of items.
template <typename C>
void Launch(const AttentionLaunch& launch, cudaStream_t stream) {
  constexpr int kBytes = C::kSharedElements * sizeof(typename C::T);
  AllowSharedMemory<AttendTile<C>>(kBytes);
  const dim3 grid(launch.params.kv.num_kv_heads, launch.max_tiles, launch.split.count);
  LaunchEarly<AttendTile<C>>(grid, C::kThreads, kBytes, stream, launch,
                             "PartialAttention: launch of AttendTile");
}

// Registers hold the output of a warp's pairs, so that wide heads have more warps of fewer pairs.
template <typename T, int kHead>
using LargeTile = std::conditional_t<kHead <= 128, Config<T, kHead, kMmaTilePairs / 64, 4, 1, 1>,
                                     Config<T, kHead, 1, kMmaTilePairs / 16, 1, 1>>;
template <typename T, int kHead>
using SmallTile = Config<T, kHead, 1, 1, 4, kHead <= 128 ? 3 : 2>;

}  // namespace
}  // namespace mma

void LaunchMma(const AttentionLaunch& launch, cudaStream_t stream) {
  ForTypeAndHead<256>(launch.params.kv, [&](auto type, auto head) {
    mma::Launch<mma::LargeTile<typename decltype(type)::Type, decltype(head)::value>>(launch,
                                                                                      stream);
  });
}

void LaunchDecode(const AttentionLaunch& launch, cudaStream_t stream) {
  ForTypeAndHead<256>(launch.params.kv, [&](auto type, auto head) {
    mma::Launch<mma::SmallTile<typename decltype(type)::Type, decltype(head)::value>>(launch,
                                                                                      stream);
  });
}

}  // namespace cacheblend::cuda
