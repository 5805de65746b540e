#include <algorithm>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/gated_tiles_copy.cuh"
#include "kernels/cuda/gated_tiles_finish.cuh"
#include "kernels/cuda/gated_tiles_multiply.cuh"
#include "kernels/cuda/linear.h"
#include "kernels/cuda/once_per_device.h"
#include "kernels/cuda/shared_address.cuh"
#include "kernels/cuda/tensor_map.h"

// A thread block stays on its multiprocessor and takes one tile of y after the other. One thread
// copies rows and weights, as many stages ahead as shared memory holds; two warpgroups multiply 64
// rows each, gate the sums and hand them to the copy engine. Thread blocks work in pairs, which
// share what they fetch.
namespace cacheblend::cuda {
namespace tiles {
namespace {

template <typename L>
__device__ void MultiplyAll(const TileLaunch& args, int group, const Shared<L>& shared) {
  AwaitPrimary();
  Stage<L> stage;
  Tile tile;
  float sum[L::kColumns];
  for (int round = 0; NextTile<L>(args, round, &tile); ++round) {
    MultiplyTile<L>(args.depth, group, shared, &stage, sum);
    FinishTile<L>(args, tile, group, shared, sum);
  }
  if (threadIdx.x % kWarpgroup == 0) AwaitStores();
  __syncwarp();
}

template <typename L>
__global__ void __launch_bounds__(kThreads, 1)
    MultiplyGated(const __grid_constant__ TileLaunch args) {
  extern __shared__ uint8_t memory[];
  LaunchDependents();
  const Shared<L> shared = {(SharedAddress(memory) + L::kAlignment - 1) / L::kAlignment *
                            L::kAlignment};
  if (threadIdx.x == kConsumers) {
    PrefetchMap(&args.x);
    PrefetchMap(&args.weight);
    PrefetchMap(&args.y);
    for (int stage = 0; stage < L::kStages; ++stage) {
      InitBarrier(shared.Full(stage), 1);
      InitBarrier(shared.Empty(stage), 2 * kConsumers / 32);
    }
    FenceBarrierInit();
  }
  SyncCluster();

  // The same in all lanes, as the compiler must see.
  const int group = __shfl_sync(~0u, threadIdx.x / kWarpgroup, 0);
  if (group == 2) {
    KeepRegisters<40>();
    if (threadIdx.x == kConsumers) {
      CopyAll<L>(args, shared);
    } else {
      AwaitPrimary();
    }
    __syncwarp();
    SyncCluster();
  } else {
    TakeRegisters<232>();
    MultiplyAll<L>(args, group, shared);
    SyncCluster();  // neither leaves while the other writes to its memory
  }
}

template <typename L>
TileLaunch LaunchOf(const LinearParams& p) {
  const TiledProduct product = p.Tiled();
  const auto map = [&](const void* data, int64_t columns, int64_t rows, int box_columns,
                       int box_rows) {
    return BoxedTensor<2>{p.type,
                          data,
                          {static_cast<uint64_t>(columns), static_cast<uint64_t>(rows)},
                          {columns * sizeof(typename L::T)},
                          {static_cast<uint32_t>(box_columns), static_cast<uint32_t>(box_rows)}}
        .Map("cuTensorMapEncodeTiled of a product");
  };
  return {map(p.x, p.in_size, p.num_rows, kTileDepth, kGroupRows),
          map(p.weight, p.in_size, p.WeightRows(), kTileDepth, L::kColumns),
          map(p.y, p.out_size, p.num_rows, kUnitColumns, kGroupRows),
          p,
          static_cast<int>(product.RowTiles()),
          static_cast<int>(product.ColumnTiles(L::kColumns)),
          static_cast<int>(product.Depth())};
}

template <typename T, int kColumns, TilePair kPair>
void Launch(const LinearParams& p, cudaStream_t stream) {
  using L = Layout<T, kColumns, kPair>;
  AllowSharedMemory<MultiplyGated<L>>(L::kBytes);
  const int64_t pairs =
      std::min<int64_t>(p.Tiled().Pairs({kPair, kColumns}), Multiprocessors() / 2);
  LaunchEarly<MultiplyGated<L>>(dim3(static_cast<unsigned>(2 * pairs)), kThreads, L::kBytes, stream,
                                LaunchOf<L>(p), "Linear: launch of gated tiles", 2);
}

template <typename T, TilePair kPair>
void LaunchPair(const LinearParams& p, const TilePlan& plan, cudaStream_t stream) {
  if (plan.columns == 112) return Launch<T, 112, kPair>(p, stream);
  Launch<T, 128, kPair>(p, stream);
}

template <typename T>
void LaunchType(const LinearParams& p, const TilePlan& plan, cudaStream_t stream) {
  if (plan.pair == TilePair::kRows) return LaunchPair<T, TilePair::kRows>(p, plan, stream);
  LaunchPair<T, TilePair::kColumns>(p, plan, stream);
}

}  // namespace
}  // namespace tiles

bool CanTile(const LinearParams& p) {
  return p.gated && p.in_size % 8 == 0 && p.out_size % 8 == 0 && IsAligned(p.x, 16) &&
         IsAligned(p.weight, 16) && IsAligned(p.y, 16) &&
         DeviceAttribute(cudaDevAttrComputeCapabilityMajor) == 9 &&
         DeviceAttribute(cudaDevAttrComputeCapabilityMinor) == 0;
}

void TileLinear(const LinearParams& p, const TilePlan& plan, cudaStream_t stream) {
  if (p.type == ElementType::kFloat16) {
    tiles::LaunchType<__half>(p, plan, stream);
  } else {
    tiles::LaunchType<__nv_bfloat16>(p, plan, stream);
  }
}

}  // namespace cacheblend::cuda
