#include "kernels/cuda/disabled_kernels.h"
#include "kernels/cuda/gated_rows.h"
#include "kernels/cuda/linear.h"
#include "kernels/cuda/linear_tiles.h"
#include "kernels/cuda/rms_norm.h"

namespace cacheblend::cuda {

namespace {

constexpr int64_t kAlignment = 256;

// Rows up to which a step with each kernel is the fastest, with Mistral-7B's weights on an H200.
constexpr int64_t kStreamedRows = 1, kTiledRows = kMaxTileRows;

int64_t NormedBytes(const LinearParams& p) {
  if (p.norm_weight == nullptr) return 0;
  const int64_t bytes = p.num_rows * p.in_size * ElementBytes(p.type);
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// The product without the norm.
LinearParams Normed(const LinearParams& p, const void* workspace) {
  LinearParams product = p;
  if (p.norm_weight != nullptr) product.x = workspace;
  product.norm_weight = nullptr;
  return product;
}

bool UsesStream(const LinearParams& p) { return p.num_rows <= kStreamedRows && CanStream(p); }

bool UsesTiles(const LinearParams& product) {
  static const bool disabled = IsDisabled("tiles");
  return !disabled && product.num_rows <= kTiledRows && CanTile(product);
}

TilePlan PlanOf(const LinearParams& product) { return PlanTiles(product, ConcurrentTileClusters); }

}  // namespace

int64_t LinearWorkspaceBytes(const LinearParams& p) {
  if (UsesStream(p)) return 0;
  if (UsesTiles(Normed(p, nullptr))) return NormedBytes(p);
  const int64_t product = p.gated ? p.num_rows * p.WeightRows() * ElementBytes(p.type) : 0;
  return NormedBytes(p) + product;
}

void Linear(const LinearParams& p, void* workspace, Matmul& matmul, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  if (UsesStream(p)) return StreamLinear(p, stream);
  if (p.norm_weight != nullptr) {
    RmsNorm({p.x, p.norm_weight, p.num_rows, p.in_size, p.epsilon, p.type, workspace}, stream);
  }
  const LinearParams normed = Normed(p, workspace);
  if (UsesTiles(normed)) return TileLinear(normed, PlanOf(normed), stream);
  void* product = p.gated ? static_cast<char*>(workspace) + NormedBytes(p) : p.y;
  matmul.Multiply({normed.x, p.weight, p.bias, p.residual, p.num_rows, p.in_size, p.WeightRows(),
                   p.type, product},
                  stream);
  if (p.gated) GatedRows({product, p.num_rows, p.out_size, p.gate, p.type, p.y}, stream);
}

}  // namespace cacheblend::cuda
