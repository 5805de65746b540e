#include <algorithm>

#include "kernels/cuda/elements.cuh"
#include "kernels/cuda/linear_tiles.h"
#include "kernels/cuda/once_per_device.h"

namespace cacheblend::cuda {

namespace {

int CeilDivide(int64_t a, int64_t b) { return static_cast<int>((a + b - 1) / b); }

}  // namespace

bool CanTile(const LinearParams& p) {
  return p.type != ElementType::kFloat32 && p.norm_weight == nullptr && p.num_rows >= 1 &&
         p.num_rows <= kMaxTileRows && p.in_size % 8 == 0 && p.out_size % 8 == 0 &&
         IsAligned(p.x, 16) && IsAligned(p.weight, 16) &&
         DeviceAttribute(cudaDevAttrComputeCapabilityMajor) == 9 &&
         DeviceAttribute(cudaDevAttrComputeCapabilityMinor) == 0;
}

TilePlan PlanTiles(const LinearParams& p,
                   const std::function<int(int splits)>& concurrent_clusters) {
  const int tiles = CeilDivide(p.WeightRows(), kTileWeightRows);
  int splits = std::min(CeilDivide(p.in_size, kTileColumns), kMaxTileSplits);
  while (splits > 1 && concurrent_clusters(splits) < tiles) --splits;
  if (splits > 1) return {tiles, splits, tiles};
  const int rounds = CeilDivide(tiles, std::max(1, concurrent_clusters(1)));
  return {tiles, 1, CeilDivide(tiles, rounds)};
}

}  // namespace cacheblend::cuda
