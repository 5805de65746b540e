#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>

#include "kernels/cuda/linear.h"

namespace cacheblend::cuda {

// How TileLinear divides a product. The splits of a tile are a cluster of thread blocks; each
// multiplies an equal share of the columns of x.
struct TilePlan {
  int tiles;
  int splits;    // of a tile
  int clusters;  // cluster c multiplies tiles c, c + clusters, ...; all tiles have one if split
};

inline constexpr int kTileWeightRows = 256;  // of a tile
inline constexpr int kTileColumns = 64;      // in a stage
inline constexpr int kMaxTileRows = 40;      // rows of x
inline constexpr int kMaxTileSplits = 8;     // the portable size of a cluster

// A single kernel for up to kMaxTileRows rows, which streams the weights once through tensor cores
// at memory bandwidth. Needs compute capability 9.0, sizes that are multiples of 8, and no
// norm_weight.
bool CanTile(const LinearParams& params);

// Clusters of this many thread blocks that the current device runs at the same time.
int ConcurrentTileClusters(int splits);

// As many splits as run at the same time. `concurrent_clusters`: by number of splits.
TilePlan PlanTiles(const LinearParams& params,
                   const std::function<int(int splits)>& concurrent_clusters);

// Enqueues; throws CudaError. Results are equal bit for bit in every run of a plan.
void TileLinear(const LinearParams& params, const TilePlan& plan, cudaStream_t stream);

}  // namespace cacheblend::cuda
