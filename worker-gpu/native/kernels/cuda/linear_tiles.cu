#include <algorithm>

#include "kernels/cuda/check.h"
#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/linear_tiles.h"
#include "kernels/cuda/once_per_device.h"

namespace cacheblend::cuda {

namespace {

// Cost model in microseconds of an H200. A thread block of 64 KB of shared-memory stages receives a
// block of 128 x 64 weights at most this fast, however idle the memory is; all of them together
// receive one at the rate of the memory.
constexpr double kBlockCost = 0.4, kSharedBlockCost = 0.0039;
// Adding up partial results: once, and for each split.
constexpr double kReduceCost = 1, kSplitCost = 0.1;
constexpr int kMaxSplits = 16;

int CeilDivide(int64_t a, int64_t b) { return static_cast<int>((a + b - 1) / b); }

}  // namespace

TileCounters::TileCounters() {
  Check(cudaMalloc(&data_, kCount * sizeof(int)), "cudaMalloc of tile counters");
  const cudaError_t code = cudaMemset(data_, 0, kCount * sizeof(int));
  if (code != cudaSuccess) cudaFree(data_);
  Check(code, "cudaMemset of tile counters");
}

TileCounters::~TileCounters() { cudaFree(data_); }

bool CanTile(const LinearParams& p) {
  return p.type != ElementType::kFloat32 && p.norm_weight == nullptr && p.num_rows >= 1 &&
         p.num_rows <= kMaxTileRows && p.in_size % 8 == 0 && p.out_size % 8 == 0 &&
         IsAligned(p.x, 16) && IsAligned(p.weight, 16) &&
         DeviceAttribute(cudaDevAttrComputeCapabilityMajor) == 9 &&
         DeviceAttribute(cudaDevAttrComputeCapabilityMinor) == 0;
}

TilePlan PlanTiles(const LinearParams& p, int multiprocessors) {
  const int tiles = CeilDivide(p.WeightRows(), kTileWeightRows);
  const int column_blocks = CeilDivide(p.in_size, kTileColumns);
  const int max_splits = tiles > TileCounters::kCount ? 1 : std::min(column_blocks, kMaxSplits);
  TilePlan best{};
  double best_cost = 0;
  for (int splits = 1; splits <= max_splits; ++splits) {
    const int rounds = CeilDivide(int64_t{tiles} * splits, multiprocessors);
    const double alone = rounds * CeilDivide(column_blocks, splits) * kBlockCost;
    const double shared = kSharedBlockCost * tiles * column_blocks;
    const double cost =
        std::max(alone, shared) + (splits > 1 ? kReduceCost + kSplitCost * splits : 0);
    if (splits > 1 && cost >= best_cost) continue;
    best_cost = cost;
    best = {tiles, splits, CeilDivide(int64_t{tiles} * splits, rounds)};
  }
  return best;
}

}  // namespace cacheblend::cuda
