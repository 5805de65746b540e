#include <array>
#include <stdexcept>

#include "kernels/cuda/barrier.cuh"
#include "kernels/cuda/cluster.cuh"
#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/gate.cuh"
#include "kernels/cuda/linear_tiles.h"
#include "kernels/cuda/shared_address.cuh"
#include "kernels/cuda/sm90_ops.cuh"
#include "kernels/cuda/tensor_map.h"
#include "kernels/cuda/wgmma.cuh"

// Computes y^T = weight * x^T, so that few rows of x are the short side of the tensor-core tile. A
// producer thread copies blocks of 256 x 64 weights, and of the same columns of x, into a
// ring of stages; consumer warpgroups multiply 64 weight rows each. Weights fill the ring before
// the preceding kernel has completed. The splits of a tile leave their sums in shared memory, and
// each adds up a share of the tile, in the order of the splits.
//
// In a gated tile, groups of 8 gate rows and of the matching 8 up rows alternate: a thread of the
// tensor-core tile owns rows i and i + 8 of 16, hence a gate and its up.
namespace cacheblend::cuda {
namespace {

constexpr int kConsumerSync = 1;  // named barrier
constexpr int kAlignment = 1024;
static_assert(kTileColumns == kPanelColumns);

struct TileLaunch {
  CUtensorMap weight;  // [groups of 8 weight rows][gate, up, or one][8][in_size]
  CUtensorMap x;       // [1][num_rows][in_size]
  LinearParams params;
  TilePlan plan;
  int column_blocks;
};

// Two for each weight row: a warpgroup multiplies 64.
constexpr int kConsumers = kTileWeightRows * 2, kConsumerWarps = kConsumers / 32;
constexpr int kThreads = kConsumers + 32;
// Of 227 KB; the rest is for the thread blocks of small kernels that start early.
constexpr int kSharedBytes = 218 << 10;
constexpr int kWeightBytes = kTileWeightRows * kPanelRowBytes;

// kRows rows of x, zero-padded.
template <typename Element, int kRows_>
struct TileLayout {
  using T = Element;
  static constexpr int kRows = kRows_;
  static constexpr int kRowBytes = kRows * kPanelRowBytes;
  static constexpr int kStageBytes = kWeightBytes + kRowBytes;
  static constexpr int kStages = (kSharedBytes - kAlignment) / kStageBytes;
  static constexpr int kSums = kRows / 2;   // per thread
  static constexpr int kPacks = kSums / 4;  // float4 per thread
  static_assert(kRowBytes % kAlignment == 0 && kStages >= 4);
  // The sums of a split replace its stages.
  static_assert(kPacks * kConsumers * int{sizeof(float4)} <= kStages * kStageBytes);
};

// Blocks of columns of the tiles of a thread block, one tile after another.
struct TileCursor {
  int tile, block, end;

  __device__ explicit TileCursor(const TileLaunch& launch) : tile(blockIdx.x / launch.plan.splits) {
    Enter(launch);
  }
  __device__ bool Valid(const TileLaunch& launch) const { return tile < launch.plan.tiles; }
  __device__ void Advance(const TileLaunch& launch) {
    if (++block == end) NextTile(launch);
  }
  __device__ void NextTile(const TileLaunch& launch) {
    tile += launch.plan.clusters;
    Enter(launch);
  }

 private:
  __device__ void Enter(const TileLaunch& launch) {
    const int split = blockIdx.x % launch.plan.splits;
    block = split * launch.column_blocks / launch.plan.splits;
    end = (split + 1) * launch.column_blocks / launch.plan.splits;
  }
};

// Shared-memory addresses of the ring. Stage i is full when its bytes have arrived, and empty when
// all consumer warps have multiplied it.
template <typename L>
struct TileRing {
  uint32_t base, barriers;
  __device__ uint32_t Weight(int i) const { return base + i % L::kStages * L::kStageBytes; }
  __device__ uint32_t Rows(int i) const { return Weight(i) + kWeightBytes; }
  __device__ uint32_t Full(int i) const { return barriers + i % L::kStages * 8; }
  __device__ uint32_t Empty(int i) const { return Full(i) + L::kStages * 8; }
  __device__ static uint32_t Parity(int i) { return i / L::kStages & 1; }
};

template <typename L>
__device__ void CopyWeights(const TileLaunch& launch, const TileCursor& at, int i,
                            const TileRing<L>& ring) {
  ArriveExpecting(ring.Full(i), L::kStageBytes);
  const int groups = kTileWeightRows / 8 / (launch.params.gated ? 2 : 1);
  CopyBox(ring.Weight(i), &launch.weight, at.block * kTileColumns, 0, 0, at.tile * groups,
          ring.Full(i));
}

template <typename L>
__device__ void CopyRows(const TileLaunch& launch, const TileCursor& at, int i,
                         const TileRing<L>& ring) {
  CopyBox(ring.Rows(i), &launch.x, at.block * kTileColumns, 0, 0, ring.Full(i));
}

// Called by one thread.
template <typename L>
__device__ void CopyAll(const TileLaunch& launch, const TileRing<L>& ring) {
  TileCursor weights(launch), rows = weights;
  int i = 0;
  for (; i < L::kStages && weights.Valid(launch); ++i, weights.Advance(launch)) {
    CopyWeights(launch, weights, i, ring);
  }
  AwaitPrimary();
  for (int k = 0; k < i; ++k, rows.Advance(launch)) CopyRows(launch, rows, k, ring);
  for (; weights.Valid(launch); ++i, weights.Advance(launch)) {
    AwaitPhase(ring.Empty(i), ring.Parity(i) ^ 1);
    CopyWeights(launch, weights, i, ring);
    CopyRows(launch, weights, i, ring);
  }
}

// Multiplies the blocks of a tile; block i of the ring is the first. Returns the next one.
template <typename L>
__device__ int MultiplyTile(const TileCursor& tile, int i, const TileRing<L>& ring,
                            float (&sums)[L::kSums]) {
  const uint32_t group = threadIdx.x / 128 * (64 * kPanelRowBytes);
  __syncwarp();  // after the writes of the last tile
  for (int block = tile.block; block < tile.end; ++block, ++i) {
    AwaitPhase(ring.Full(i), ring.Parity(i));
    FenceRegisters();
#pragma unroll
    for (int step = 0; step < kTileColumns / 16; ++step) {
      MultiplyShared<typename L::T>(sums, MatrixDescriptor(ring.Weight(i) + group + step * 32, 0),
                                    MatrixDescriptor(ring.Rows(i) + step * 32, 0),
                                    block > tile.block || step > 0);
    }
    CommitMultiplications();
    AwaitMultiplications<0>();
    Pin(sums);
    if (threadIdx.x % 32 == 0) Arrive(ring.Empty(i));
  }
  return i;
}

template <typename T>
__device__ float ElementAt(const void* tensor, int64_t index) {
  return ToFloat(static_cast<const T*>(tensor)[index]);
}

// Writes an element of y from its weight rows' sums.
template <typename T, bool kGated>
__device__ void Finish(const LinearParams& p, int64_t row, int64_t column, float first,
                       float second) {
  if (column >= p.out_size) return;
  if (p.bias != nullptr) first += ElementAt<T>(p.bias, column);
  if (kGated) {
    if (p.bias != nullptr) second += ElementAt<T>(p.bias, p.out_size + column);
    first = Activated(p.gate, first) * second;
  }
  const int64_t at = row * p.out_size + column;
  if (p.residual != nullptr) first += ElementAt<T>(p.residual, at);
  static_cast<T*>(p.y)[at] = FromFloat<T>(first);
}

// Writes sums 4 * pack to 4 * pack + 3 of a thread, which owns weight rows lane / 4 and
// lane / 4 + 8 of its warp's 16, and two of every 8 rows of x.
template <typename L, bool kGated>
__device__ void WritePack(const LinearParams& p, int tile, int thread, int pack, float4 sums) {
  const int warp = thread / 32, lane = thread % 32;
  const int64_t first_row = pack * 8 + lane % 4 * 2;
  const int64_t column = (int64_t{tile} * kConsumerWarps + warp) * (kGated ? 8 : 16) + lane / 4;
#pragma unroll
  for (int j = 0; j < 2; ++j) {
    const int64_t row = first_row + j;
    if (row >= p.num_rows) continue;
    const float first = j == 0 ? sums.x : sums.y, second = j == 0 ? sums.z : sums.w;
    Finish<typename L::T, kGated>(p, row, column, first, second);
    if (!kGated) Finish<typename L::T, false>(p, row, column + 8, second, 0);
  }
}

template <typename L>
__device__ float4 PackOf(const float (&sums)[L::kSums], int pack) {
  return {sums[4 * pack], sums[4 * pack + 1], sums[4 * pack + 2], sums[4 * pack + 3]};
}

// Adds up and writes this split's share of a tile. The sums of each split, [kPacks][kConsumers],
// replace the stages, which nothing uses any more: a split tile is the only one of its cluster.
template <typename L, bool kGated>
__device__ void AddUp(const TileLaunch& launch, int tile, uint8_t* stages,
                      const float (&sums)[L::kSums]) {
  auto* own = reinterpret_cast<float4*>(stages);
  SyncNamed(kConsumerSync, kConsumers);  // all warps have multiplied the last stage
#pragma unroll
  for (int i = 0; i < L::kPacks; ++i) {
    own[i * kConsumers + threadIdx.x] = PackOf<L>(sums, i);
  }
  SyncCluster();
  constexpr int kItems = L::kPacks * kConsumers;
  const int splits = launch.plan.splits, share = blockIdx.x % splits;
  const int end = (share + 1) * kItems / splits;
  for (int item = share * kItems / splits + threadIdx.x; item < end; item += kConsumers) {
    float4 parts[kMaxTileSplits];
#pragma unroll
    for (int split = 0; split < kMaxTileSplits; ++split) {
      if (split < splits) parts[split] = LoadOfBlock(SharedAddress(own + item), split);
    }
    float4 sum = {0, 0, 0, 0};
#pragma unroll
    for (int split = 0; split < kMaxTileSplits; ++split) {
      if (split >= splits) continue;
      sum.x += parts[split].x;
      sum.y += parts[split].y;
      sum.z += parts[split].z;
      sum.w += parts[split].w;
    }
    WritePack<L, kGated>(launch.params, tile, item % kConsumers, item / kConsumers, sum);
  }
  SyncCluster();  // shared memory lives until the other splits have read it
}

template <typename L, bool kGated>
__global__ void __launch_bounds__(kThreads, 1)
    MultiplyTiles(const __grid_constant__ TileLaunch launch) {
  extern __shared__ uint8_t memory[];
  __shared__ uint64_t barriers[2 * L::kStages];
  uint8_t* const stages = memory + (-SharedAddress(memory) & (kAlignment - 1));
  const TileRing<L> ring = {SharedAddress(stages), SharedAddress(barriers)};
  LaunchDependents();
  if (threadIdx.x == kConsumers) {
    PrefetchMap(&launch.weight);
    PrefetchMap(&launch.x);
    for (int stage = 0; stage < L::kStages; ++stage) {
      InitBarrier(ring.Full(stage), 1);
      InitBarrier(ring.Empty(stage), kConsumerWarps);
    }
    FenceBarrierInit();
  }
  __syncthreads();
  if (threadIdx.x == kConsumers) return CopyAll(launch, ring);
  AwaitPrimary();
  if (threadIdx.x > kConsumers) return;
  int i = 0;
  for (TileCursor at(launch); at.Valid(launch); at.NextTile(launch)) {
    float sums[L::kSums];
    i = MultiplyTile(at, i, ring, sums);
    if (launch.plan.splits > 1) return AddUp<L, kGated>(launch, at.tile, stages, sums);
#pragma unroll
    for (int pack = 0; pack < L::kPacks; ++pack) {
      WritePack<L, kGated>(launch.params, at.tile, threadIdx.x, pack, PackOf<L>(sums, pack));
    }
  }
}

// Rows of x in a launch: the next size that has a kernel.
int PaddedRows(int64_t num_rows) {
  for (const int rows : {8, 16, 32}) {
    if (num_rows <= rows) return rows;
  }
  return kMaxTileRows;
}

CUtensorMap WeightMap(const LinearParams& p) {
  const auto row_bytes = static_cast<uint64_t>(p.in_size) * 2;
  const uint32_t halves = p.gated ? 2 : 1;
  TensorMapParams<4> map{};
  map.type = p.type;
  map.data = p.weight;
  map.sizes = {static_cast<uint64_t>(p.in_size), 8, halves, static_cast<uint64_t>(p.out_size / 8)};
  map.strides = {row_bytes, static_cast<uint64_t>(p.out_size) * row_bytes, 8 * row_bytes};
  map.box = {kTileColumns, 8, halves, kTileWeightRows / 8 / halves};
  return MakeTensorMap(map, "cuTensorMapEncodeTiled of a weight");
}

CUtensorMap RowMap(const LinearParams& p) {
  const auto row_bytes = static_cast<uint64_t>(p.in_size) * 2;
  TensorMapParams<3> map{};
  map.type = p.type;
  map.data = p.x;
  map.sizes = {static_cast<uint64_t>(p.in_size), static_cast<uint64_t>(p.num_rows), 1};
  map.strides = {row_bytes, static_cast<uint64_t>(p.num_rows) * row_bytes};
  map.box = {kTileColumns, static_cast<uint32_t>(PaddedRows(p.num_rows)), 1};
  return MakeTensorMap(map, "cuTensorMapEncodeTiled of rows");
}

template <typename L>
constexpr int kLaunchBytes = L::kStages* L::kStageBytes + kAlignment;

template <typename L, bool kGated>
void Launch(const TileLaunch& launch, cudaStream_t stream) {
  constexpr auto kKernel = MultiplyTiles<L, kGated>;
  AllowSharedMemory<kKernel>(kLaunchBytes<L>);
  const dim3 grid(launch.plan.clusters * launch.plan.splits);
  LaunchEarly<kKernel>(grid, kThreads, kLaunchBytes<L>, stream, launch,
                       "Linear: launch of MultiplyTiles", launch.plan.splits);
}

template <typename T, int kRows>
void LaunchRows(const TileLaunch& launch, cudaStream_t stream) {
  if (launch.params.gated) {
    Launch<TileLayout<T, kRows>, true>(launch, stream);
  } else {
    Launch<TileLayout<T, kRows>, false>(launch, stream);
  }
}

template <typename T>
void LaunchType(const TileLaunch& launch, cudaStream_t stream) {
  switch (PaddedRows(launch.params.num_rows)) {
    case 8:
      return LaunchRows<T, 8>(launch, stream);
    case 16:
      return LaunchRows<T, 16>(launch, stream);
    case 32:
      return LaunchRows<T, 32>(launch, stream);
    default:
      return LaunchRows<T, kMaxTileRows>(launch, stream);
  }
}

}  // namespace

int ConcurrentTileClusters(int splits) {
  if (splits == 1) return Multiprocessors();
  using Counts = std::array<int, kMaxTileSplits + 1>;
  static Counts counts[kMaxDevices];
  Counts& of_device = counts[CurrentDevice() % kMaxDevices];
  OncePerDevice([&] {
    using L = TileLayout<__nv_bfloat16, kMaxTileRows>;
    constexpr auto kKernel = MultiplyTiles<L, false>;
    AllowSharedMemory<kKernel>(kLaunchBytes<L>);
    for (int i = 2; i <= kMaxTileSplits; ++i) {
      of_device[i] = ConcurrentClusters<kKernel>(i, kThreads, kLaunchBytes<L>);
    }
  });
  return of_device[splits];
}

void TileLinear(const LinearParams& p, const TilePlan& plan, cudaStream_t stream) {
  if (plan.splits > 1 && plan.clusters != plan.tiles) {
    throw std::invalid_argument("split tiles need a cluster each");
  }
  const int column_blocks = static_cast<int>((p.in_size + kTileColumns - 1) / kTileColumns);
  const TileLaunch launch = {WeightMap(p), RowMap(p), p, plan, column_blocks};
  For16BitType(p.type, [&](auto element) { LaunchType<decltype(element)>(launch, stream); });
}

}  // namespace cacheblend::cuda
