#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/cuda/linear.h"

namespace cacheblend::cuda {

// How TileLinear divides a product. A tile is 128 weight rows; each of its splits multiplies an
// equal share of the columns of x.
struct TilePlan {
  int tiles, splits;
  int blocks;  // thread blocks
};

inline constexpr int kTileWeightRows = 128, kTileColumns = 64;
inline constexpr int kMaxTileRows = 64;  // rows of x

// Counters of finished splits, by tile: zero between launches. One launch at a time uses them.
class TileCounters {
 public:
  static constexpr int kCount = 1024;  // tiles that can be split

  TileCounters();  // on the current device; throws CudaError
  ~TileCounters();
  TileCounters(const TileCounters&) = delete;
  TileCounters& operator=(const TileCounters&) = delete;

  int* data() const { return data_; }

 private:
  int* data_ = nullptr;
};

// A single kernel for up to kMaxTileRows rows, which streams the weights once through tensor cores
// at memory bandwidth. Needs compute capability 9.0, sizes that are multiples of 8, and no
// norm_weight.
bool CanTile(const LinearParams& params);
TilePlan PlanTiles(const LinearParams& params, int multiprocessors);
// Bytes for partial sums; 16-byte aligned.
int64_t TileWorkspaceBytes(const LinearParams& params, const TilePlan& plan);
// Enqueues; throws CudaError. Results are equal bit for bit in every run of a plan.
void TileLinear(const LinearParams& params, const TilePlan& plan, void* workspace,
                const TileCounters& counters, cudaStream_t stream);

}  // namespace cacheblend::cuda
