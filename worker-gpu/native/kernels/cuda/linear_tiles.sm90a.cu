#include "kernels/cuda/barrier.cuh"
#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/linear_tiles.h"
#include "kernels/cuda/shared_address.cuh"
#include "kernels/cuda/sm90_ops.cuh"
#include "kernels/cuda/tensor_map.h"
#include "kernels/cuda/wgmma.cuh"

// Computes y^T = weight * x^T, so that few rows of x are the short side of the tensor-core tile. A
// producer thread copies blocks of 128 x 64 weights, and of the same columns of x, into a ring of
// stages; two consumer warpgroups multiply 64 weight rows each. Weights fill the ring before the
// preceding kernel has completed. Splits of a tile write partial sums; the last one to finish adds
// them up in the order of the splits.
//
// In a gated tile, groups of 8 gate rows and of the matching 8 up rows alternate: a thread of the
// tensor-core tile owns rows i and i + 8 of 16, hence a gate and its up.
namespace cacheblend::cuda {
namespace {

constexpr int kConsumers = 256, kConsumerWarps = kConsumers / 32, kThreads = kConsumers + 32;
constexpr int kWeightBytes = kTileWeightRows * kPanelRowBytes;
constexpr int kConsumerSync = 1;  // named barrier
// Two thread blocks fit on a multiprocessor of 228 KB: one of this kernel and one of the next.
constexpr int kSharedBytes = 100 << 10, kAlignment = 1024;
static_assert(kTileColumns == kPanelColumns && kTileWeightRows * 2 == kConsumers);

struct TileLaunch {
  CUtensorMap weight;  // [groups of 8 weight rows][gate, up, or one][8][in_size]
  CUtensorMap x;       // [1][num_rows][in_size]
  LinearParams params;
  TilePlan plan;
  int column_blocks;
  float4* partials;  // [tiles][splits][N / 8][kConsumers]
  int* counters;     // [tiles] finished splits; zero before and after
};

// kRows rows of x, zero-padded.
template <typename Element, int kRows_>
struct TileLayout {
  using T = Element;
  static constexpr int kRows = kRows_;
  static constexpr int kRowBytes = kRows * kPanelRowBytes;
  static constexpr int kStageBytes = kWeightBytes + kRowBytes;
  static constexpr int kStages = (kSharedBytes - kAlignment) / kStageBytes;
  static constexpr int kSums = kRows / 2;  // per thread
  static_assert(kRowBytes % kAlignment == 0 && kStages >= 4);
};

// Blocks of columns of the units of a thread block, one unit after another. A unit is a split of a
// tile.
struct TileCursor {
  int unit, block, end;

  __device__ explicit TileCursor(const TileLaunch& launch) : unit(blockIdx.x) { Enter(launch); }
  __device__ bool Valid(const TileLaunch& launch) const {
    return unit < launch.plan.tiles * launch.plan.splits;
  }
  __device__ int Tile(const TileLaunch& launch) const { return unit / launch.plan.splits; }
  __device__ void Advance(const TileLaunch& launch) {
    if (++block == end) NextUnit(launch);
  }
  __device__ void NextUnit(const TileLaunch& launch) {
    unit += gridDim.x;
    Enter(launch);
  }

 private:
  __device__ void Enter(const TileLaunch& launch) {
    const int split = unit % launch.plan.splits;
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
  CopyBox(ring.Weight(i), &launch.weight, at.block * kTileColumns, 0, 0, at.Tile(launch) * groups,
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

// Multiplies the blocks of a unit; block i of the ring is the first. Returns the next one.
template <typename L>
__device__ int MultiplyUnit(const TileCursor& unit, int i, const TileRing<L>& ring,
                            float (&sums)[L::kSums]) {
  const uint32_t group = threadIdx.x / 128 * (kWeightBytes / 2);
  const bool signals = threadIdx.x % 32 == 0;
  __syncwarp();  // after the writes of the last unit
  for (int block = unit.block; block < unit.end; ++block, ++i) {
    AwaitPhase(ring.Full(i), ring.Parity(i));
    FenceRegisters();
#pragma unroll
    for (int step = 0; step < kTileColumns / 16; ++step) {
      MultiplyShared<typename L::T>(sums, MatrixDescriptor(ring.Weight(i) + group + step * 32, 0),
                                    MatrixDescriptor(ring.Rows(i) + step * 32, 0),
                                    block > unit.block || step > 0);
    }
    CommitMultiplications();
    if (block == unit.block) continue;
    AwaitMultiplications<1>();
    if (signals) Arrive(ring.Empty(i - 1));
  }
  AwaitMultiplications<0>();
  Pin(sums);
  if (signals) Arrive(ring.Empty(i - 1));
  return i;
}

// Replaces the sums of a split by those of the tile, in the thread block that finishes last;
// returns whether it is this one.
template <typename L>
__device__ bool AddUp(const TileLaunch& launch, const TileCursor& unit, int* is_last,
                      float (&sums)[L::kSums]) {
  constexpr int kPacks = L::kSums / 4;
  const int splits = launch.plan.splits, tile = unit.Tile(launch);
  float4* own = launch.partials + int64_t{unit.unit} * kPacks * kConsumers + threadIdx.x;
#pragma unroll
  for (int i = 0; i < kPacks; ++i) {
    own[i * kConsumers] = {sums[4 * i], sums[4 * i + 1], sums[4 * i + 2], sums[4 * i + 3]};
  }
  __threadfence();
  SyncNamed(kConsumerSync, kConsumers);
  if (threadIdx.x == 0) {
    *is_last = atomicAdd(launch.counters + tile, 1) == splits - 1;
    if (*is_last) launch.counters[tile] = 0;
    __threadfence();
  }
  SyncNamed(kConsumerSync, kConsumers);
  if (!*is_last) return false;
#pragma unroll
  for (int i = 0; i < L::kSums; ++i) sums[i] = 0;
  const float4* from = launch.partials + int64_t{tile} * splits * kPacks * kConsumers + threadIdx.x;
#pragma unroll 2
  for (int split = 0; split < splits; ++split) {
#pragma unroll
    for (int i = 0; i < kPacks; ++i) {
      const float4 part = __ldcg(from + (split * kPacks + i) * kConsumers);
      sums[4 * i] += part.x;
      sums[4 * i + 1] += part.y;
      sums[4 * i + 2] += part.z;
      sums[4 * i + 3] += part.w;
    }
  }
  return true;
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
    first = first / (1 + __expf(-first)) * second;
  }
  const int64_t at = row * p.out_size + column;
  if (p.residual != nullptr) first += ElementAt<T>(p.residual, at);
  static_cast<T*>(p.y)[at] = FromFloat<T>(first);
}

// A thread owns weight rows lane / 4 and lane / 4 + 8 of its warp's 16, and two of every 8 rows of
// x.
template <typename L, bool kGated>
__device__ void WriteTile(const LinearParams& p, int tile, const float (&sums)[L::kSums]) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t first_row = lane % 4 * 2;
  const int64_t column = (int64_t{tile} * kConsumerWarps + warp) * (kGated ? 8 : 16) + lane / 4;
#pragma unroll
  for (int i = 0; i < L::kRows / 8; ++i) {
#pragma unroll
    for (int j = 0; j < 2; ++j) {
      const int64_t row = first_row + i * 8 + j;
      if (row >= p.num_rows) continue;
      const float first = sums[4 * i + j], second = sums[4 * i + 2 + j];
      Finish<typename L::T, kGated>(p, row, column, first, second);
      if (!kGated) Finish<typename L::T, false>(p, row, column + 8, second, 0);
    }
  }
}

template <typename L, bool kGated>
__global__ void __launch_bounds__(kThreads, 2)
    MultiplyTiles(const __grid_constant__ TileLaunch launch) {
  extern __shared__ uint8_t memory[];
  __shared__ uint64_t barriers[2 * L::kStages];
  __shared__ int is_last;
  const TileRing<L> ring = {(SharedAddress(memory) + kAlignment - 1) / kAlignment * kAlignment,
                            SharedAddress(barriers)};
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
  for (TileCursor unit(launch); unit.Valid(launch); unit.NextUnit(launch)) {
    float sums[L::kSums];
    i = MultiplyUnit(unit, i, ring, sums);
    if (launch.plan.splits > 1 && !AddUp<L>(launch, unit, &is_last, sums)) continue;
    WriteTile<L, kGated>(launch.params, unit.Tile(launch), sums);
  }
}

// Rows of x in a launch: the next size that has a kernel.
int PaddedRows(int64_t num_rows) {
  for (const int rows : {8, 16, 32, 40}) {
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

template <typename L, bool kGated>
void Launch(const TileLaunch& launch, cudaStream_t stream) {
  constexpr auto kKernel = MultiplyTiles<L, kGated>;
  constexpr int kBytes = L::kStages * L::kStageBytes + kAlignment;
  AllowSharedMemory<kKernel>(kBytes);
  LaunchEarly<kKernel>(dim3(launch.plan.blocks), kThreads, kBytes, stream, launch,
                       "Linear: launch of MultiplyTiles");
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
    case 40:
      return LaunchRows<T, 40>(launch, stream);
    default:
      return LaunchRows<T, kMaxTileRows>(launch, stream);
  }
}

}  // namespace

int64_t TileWorkspaceBytes(const LinearParams& p, const TilePlan& plan) {
  if (plan.splits == 1) return 0;
  return int64_t{plan.tiles} * plan.splits * kTileWeightRows * PaddedRows(p.num_rows) *
         int64_t{sizeof(float)};
}

void TileLinear(const LinearParams& p, const TilePlan& plan, void* workspace,
                const TileCounters& counters, cudaStream_t stream) {
  const int column_blocks = static_cast<int>((p.in_size + kTileColumns - 1) / kTileColumns);
  const TileLaunch launch = {WeightMap(p),   RowMap(p),     p,
                             plan,           column_blocks, static_cast<float4*>(workspace),
                             counters.data()};
  For16BitType(p.type, [&](auto element) { LaunchType<decltype(element)>(launch, stream); });
}

}  // namespace cacheblend::cuda
