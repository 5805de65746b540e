// Three kernels for 16-bit KV. ScoreQueries: maximum and sum of each query over a split of its
// keys. CombineSplits: both over all keys. AddMasses: the weights of a block of keys, summed over
// the queries, from scores that are computed again.

#include <algorithm>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/partial_attention_mma_tile.cuh"
#include "kernels/cuda/partial_attention_plan.h"
#include "kernels/cuda/partial_attention_setup.h"
#include "kernels/cuda/probe_attention.cuh"
#include "kernels/cuda/probe_attention.h"

namespace cacheblend::cuda {
namespace mma {
namespace {

constexpr int kTilePairs = 128, kMaxSplits = 64;
constexpr int kCombineThreads = 128;

template <typename T, int kHead>
using ProbeConfig = Config<T, kHead, kTilePairs / 64, 4, 1, 1>;

// Kernel parameters. `attention` has what LoadQueries and LoadBlock read.
struct ProbeLaunch {
  AttentionLaunch attention;
  PerSequence<Probe> probes;
  int num_probes;
  int splits;        // of the keys of a tile
  int64_t pairs;     // (query row, head) of all probes
  float2* splitted;  // [splits][pairs]: maximum of unscaled scores, sum
  float2* combined;  // [pairs]: offset in base 2, weight / sum
};

// Tile `index` of a probe; false past the last one, and if the sequence has too few rows.
__device__ bool FindProbeTile(const ProbeLaunch& launch, const Probe& probe, int index, int kv_head,
                              Tile* tile) {
  const PartialAttentionParams& p = launch.attention.params;
  tile->sequence = probe.sequence;
  tile->block_table = launch.attention.block_tables[probe.sequence];
  tile->group = p.num_heads / p.kv.num_kv_heads;
  tile->kv_head = kv_head;
  tile->row_begin = static_cast<int>(FirstRow(p.row_offsets, probe));
  tile->pairs = probe.query_count * tile->group;
  tile->first_pair = index * kTilePairs;
  if (tile->row_begin < 0 || tile->first_pair >= tile->pairs) return false;
  tile->first_position = static_cast<int>(p.positions[tile->Row(tile->first_pair)]);
  tile->last_position = probe.key_end - 1;  // of the keys
  return true;
}

// Index of a pair among those of all probes.
__device__ int64_t PairIndex(const ProbeLaunch& launch, const Probe& probe, const Tile& tile,
                             int pair) {
  const int64_t query = probe.first_query + (tile.Row(pair) - tile.row_begin);
  return query * launch.attention.params.num_heads + tile.Head(pair);
}

// Keys that the row of a pair sees.
__device__ Visible VisibleTo(const ProbeLaunch& launch, const Probe& probe, const Tile& tile,
                             int pair) {
  const auto position = static_cast<int>(launch.attention.params.positions[tile.Row(pair)]);
  const int window = launch.attention.window;
  return {window > 0 ? position - window : -1, probe.key_end - 1};
}

// Pair of a thread's row.
__device__ int PairOf(const Tile& tile, int warp_pair, int m, int half) {
  return tile.first_pair + warp_pair + m * 16 + half * 8 + threadIdx.x % 32 / 4;
}

// Grid: KV heads, tiles times splits, probes.
template <typename C>
__global__ void __launch_bounds__(C::kThreads)
    ScoreQueries(const __grid_constant__ ProbeLaunch launch) {
  using T = typename C::T;
  extern __shared__ uint4 shared[];
  T* const queries = reinterpret_cast<T*>(shared);     // [kPairs][kStride]
  T* const blocks = queries + C::kPairs * C::kStride;  // [2][64][kStride]
  LaunchDependents();
  AwaitPrimary();
  const Probe probe = launch.probes[blockIdx.z];
  const int split = blockIdx.y % launch.splits;
  Tile tile;
  if (!FindProbeTile(launch, probe, blockIdx.y / launch.splits, blockIdx.x, &tile)) return;
  const int first = FirstKey(launch.attention.window, tile.first_position) / kMmaKeys;
  const int end = CeilDivide(probe.key_end, kMmaKeys);
  const int span = CeilDivide(max(0, end - first), launch.splits);
  const int range_first = first + split * span, range_end = min(end, range_first + span);

  const auto load = [&](int index) {
    if (index < range_end) {
      LoadBlock<C>(launch.attention, tile, launch.attention.params.kv.keys, index,
                   blocks + (index - range_first) % 2 * C::kBlock);
    }
    CommitCopies();
  };
  LoadQueries<C>(launch.attention, tile, queries);  // completes with the first keys
  load(range_first);

  const int warp_pair = threadIdx.x / 32 * 16 * C::kWarpTiles, lane = threadIdx.x % 32;
  const float log2_scale = launch.attention.scale.log2_scale;
  RowSoftmax rows[C::kWarpTiles][2];
  Visible visible[C::kWarpTiles][2];
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      visible[m][half] = VisibleTo(launch, probe, tile, PairOf(tile, warp_pair, m, half));
    }
  }
  for (int index = range_first; index < range_end; ++index) {
    load(index + 1);
    AwaitCopies<1>();
    __syncthreads();
    Scores<C> scores = {};
    Score<C>(queries + warp_pair * C::kStride, blocks + (index - range_first) % 2 * C::kBlock,
             scores);
    launch.attention.scale.Cap(scores);
    __syncthreads();
    const int key = index * kMmaKeys + lane % 4 * 2;
#pragma unroll
    for (int m = 0; m < C::kWarpTiles; ++m) {
      float maximum[2] = {-INFINITY, -INFINITY};
#pragma unroll
      for (int i = 0; i < C::kWarpKeys / 2; ++i) {
        float& score = scores[m][i / 4][i % 4];
        if (!visible[m][i / 2 % 2](key + i / 4 * 8 + i % 2)) score = -INFINITY;
        maximum[i / 2 % 2] = fmaxf(maximum[i / 2 % 2], score);
      }
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const float block_maximum = QuadMax(maximum[half]);
        if (rows[m][half].IsTooLow(block_maximum, log2_scale)) {
          rows[m][half].Raise(block_maximum, log2_scale);
        }
      }
#pragma unroll
      for (int i = 0; i < C::kWarpKeys / 2; ++i) {
        RowSoftmax& row = rows[m][i / 2 % 2];
        row.sum += Exp2(scores[m][i / 4][i % 4] * log2_scale - row.Offset(log2_scale));
      }
    }
  }
  AwaitCopies<0>();
#pragma unroll
  for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int pair = PairOf(tile, warp_pair, m, half);
      const float sum = QuadSum(rows[m][half].sum);
      if (pair >= tile.pairs || lane % 4 != 0) continue;
      launch.splitted[split * launch.pairs + PairIndex(launch, probe, tile, pair)] = {
          rows[m][half].maximum, sum};
    }
  }
}

// One thread per pair.
__global__ void __launch_bounds__(kCombineThreads)
    CombineSplits(const __grid_constant__ ProbeLaunch launch) {
  LaunchDependents();
  AwaitPrimary();
  const int64_t pair = int64_t{blockIdx.x} * kCombineThreads + threadIdx.x;
  if (pair >= launch.pairs) return;
  const auto query = static_cast<int>(pair / launch.attention.params.num_heads);
  int probe = 0, end = launch.num_probes;  // first_query of `probe` <= query < that of `end`
  while (end - probe > 1) {
    const int middle = (probe + end) / 2;
    if (launch.probes[middle].first_query <= query) {
      probe = middle;
    } else {
      end = middle;
    }
  }
  const float log2_scale = launch.attention.scale.log2_scale;
  float maximum = -INFINITY, sum = 0;
  for (int split = 0; split < launch.splits; ++split) {
    maximum = fmaxf(maximum, launch.splitted[split * launch.pairs + pair].x);
  }
  maximum = RowSoftmax::Finite(maximum);
  for (int split = 0; split < launch.splits; ++split) {
    const float2 part = launch.splitted[split * launch.pairs + pair];
    sum += part.y * Exp2((part.x - maximum) * log2_scale);
  }
  launch.combined[pair] = {maximum * log2_scale, sum == 0 ? 0 : launch.probes[probe].weight / sum};
}

// Grid: KV heads, blocks of keys, probes.
template <typename C>
__global__ void __launch_bounds__(C::kThreads)
    AddMasses(const __grid_constant__ ProbeLaunch launch) {
  using T = typename C::T;
  extern __shared__ uint4 shared[];
  __shared__ float warp_masses[C::kRowWarps][kMmaKeys];
  T* const queries = reinterpret_cast<T*>(shared);   // [kPairs][kStride]
  T* const keys = queries + C::kPairs * C::kStride;  // [64][kStride]
  LaunchDependents();
  AwaitPrimary();
  const Probe probe = launch.probes[blockIdx.z];
  const int kv_head = blockIdx.x, block = blockIdx.y;
  if (block * kMmaKeys >= probe.key_end) return;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int warp_pair = warp * 16 * C::kWarpTiles;
  const int key = block * kMmaKeys + lane % 4 * 2;
  const float log2_scale = launch.attention.scale.log2_scale;
  float masses[C::kWarpKeys / 8][2] = {};  // of the thread's keys and rows
  Tile tile;
  for (int index = 0; FindProbeTile(launch, probe, index, kv_head, &tile); ++index) {
    if (index == 0) {
      LoadBlock<C>(launch.attention, tile, launch.attention.params.kv.keys, block, keys);
    }
    LoadQueries<C>(launch.attention, tile, queries);
    CommitCopies();
    AwaitCopies<0>();
    __syncthreads();
    Scores<C> scores = {};
    Score<C>(queries + warp_pair * C::kStride, keys, scores);
    launch.attention.scale.Cap(scores);
    __syncthreads();
#pragma unroll
    for (int m = 0; m < C::kWarpTiles; ++m) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        const int pair = PairOf(tile, warp_pair, m, half);
        if (pair >= tile.pairs) continue;
        const float2 at = launch.combined[PairIndex(launch, probe, tile, pair)];
        const Visible visible = VisibleTo(launch, probe, tile, pair);
#pragma unroll
        for (int n = 0; n < C::kWarpKeys / 8; ++n) {
#pragma unroll
          for (int j = 0; j < 2; ++j) {
            if (!visible(key + n * 8 + j)) continue;
            masses[n][j] += Exp2(scores[m][n][half * 2 + j] * log2_scale - at.x) * at.y;
          }
        }
      }
    }
  }
#pragma unroll
  for (int n = 0; n < C::kWarpKeys / 8; ++n) {
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      for (int rows = 4; rows < 32; rows *= 2) {
        masses[n][j] += __shfl_xor_sync(~0u, masses[n][j], rows);
      }
      if (lane < 4) warp_masses[warp][n * 8 + lane * 2 + j] = masses[n][j];
    }
  }
  __syncthreads();
  if (threadIdx.x >= kMmaKeys || block * kMmaKeys + threadIdx.x >= probe.key_end) return;
  float mass = 0;
  for (int w = 0; w < C::kRowWarps; ++w) mass += warp_masses[w][threadIdx.x];
  probe.mass[kv_head * probe.mass_stride + block * kMmaKeys + threadIdx.x] += mass;
}

template <typename C>
void Launch(const ProbeLaunch& launch, int max_tiles, int max_key_end, cudaStream_t stream) {
  const int kv_heads = launch.attention.params.kv.num_kv_heads;
  constexpr int kBytes = C::kSharedElements * sizeof(typename C::T);
  AllowSharedMemory<ScoreQueries<C>>(kBytes);
  AllowSharedMemory<AddMasses<C>>(kBytes);
  LaunchEarly<ScoreQueries<C>>(dim3(kv_heads, max_tiles * launch.splits, launch.num_probes),
                               C::kThreads, kBytes, stream, launch,
                               "ProbeAttention: launch of ScoreQueries");
  const int64_t combines = (launch.pairs + kCombineThreads - 1) / kCombineThreads;
  LaunchEarly<CombineSplits>(dim3(static_cast<unsigned>(combines)), kCombineThreads, 0, stream,
                             launch, "ProbeAttention: launch of CombineSplits");
  const int blocks = (max_key_end + kMmaKeys - 1) / kMmaKeys;
  LaunchEarly<AddMasses<C>>(dim3(kv_heads, blocks, launch.num_probes), C::kThreads, kBytes, stream,
                            launch, "ProbeAttention: launch of AddMasses");
}

int TilesOf(const ProbeAttentionParams& p, int query_count) {
  const int pairs = query_count * (p.num_heads / p.kv.num_kv_heads);
  return (pairs + kTilePairs - 1) / kTilePairs;
}

// Enough thread blocks for the device, without splits of few keys.
int Splits(const ProbeAttentionParams& p) {
  int tiles = 0;
  for (int i = 0; i < p.num_probes; ++i) tiles += TilesOf(p, p.probes[i].query_count);
  const int wanted = 4 * CurrentGpu().multiprocessors / std::max(1, tiles * p.kv.num_kv_heads);
  const int useful = MaxKeyEnd(p) / (2 * kMmaKeys);
  return std::clamp(std::min(wanted, useful), 1, kMaxSplits);
}

}  // namespace
}  // namespace mma

int64_t ProbeAttentionWorkspaceBytes(const ProbeAttentionParams& p) {
  const int splits = p.kv.type == ElementType::kFloat32 ? 0 : mma::Splits(p);
  return ProbePairs(p) * (splits + 1) * int64_t{sizeof(float2)};
}

void ProbeAttention(const ProbeAttentionParams& p, cudaStream_t stream) {
  if (p.num_probes == 0 || MaxKeyEnd(p) == 0) return;
  if (p.kv.type == ElementType::kFloat32) return ProbeAttentionReference(p, stream);
  mma::ProbeLaunch launch{};
  PartialAttentionParams& attention = launch.attention.params;
  attention.q = p.q;
  attention.positions = p.positions;
  attention.row_offsets = p.row_offsets;
  attention.kv = p.kv;
  attention.num_heads = p.num_heads;
  launch.attention.scale = ScoreScale::Of(p.scale, p.soft_cap);
  launch.attention.window = static_cast<int>(p.window);
  launch.attention.block_tables = p.tables->Pass(p.block_tables, p.num_sequences, stream);
  launch.probes = p.tables->Pass(p.probes, p.num_probes, stream);
  launch.num_probes = p.num_probes;
  launch.splits = mma::Splits(p);
  launch.pairs = ProbePairs(p);
  launch.combined = static_cast<float2*>(p.workspace);
  launch.splitted = launch.combined + launch.pairs;
  const int max_tiles = mma::TilesOf(p, MaxQueryCount(p));
  ForTypeAndHead<256>(p.kv, [&](auto type, auto head) {
    mma::Launch<mma::ProbeConfig<typename decltype(type)::Type, decltype(head)::value>>(
        launch, max_tiles, MaxKeyEnd(p), stream);
  });
}

}  // namespace cacheblend::cuda
