#include "kernels/cuda/gated_rows.h"
#include "kernels/cuda/linear.h"
#include "kernels/cuda/rms_norm.h"

namespace cacheblend::cuda {

namespace {

constexpr int64_t kAlignment = 256;

int64_t NormedBytes(const LinearParams& p) {
  if (p.norm_weight == nullptr) return 0;
  const int64_t bytes = p.num_rows * p.in_size * ElementBytes(p.type);
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// For more rows cuBLASLt is faster: with Mistral-7B's weights on an H200, two rows take 143 us a
// layer with the streaming kernel, and three rows 122 with cuBLASLt (cuda_linear_bench).
bool UsesStream(const LinearParams& p) { return p.num_rows == 1 && CanStream(p); }

}  // namespace

int64_t LinearWorkspaceBytes(const LinearParams& p) {
  if (UsesStream(p)) return 0;
  const int64_t product = p.gated ? p.num_rows * p.WeightRows() * ElementBytes(p.type) : 0;
  return NormedBytes(p) + product;
}

void Linear(const LinearParams& p, void* workspace, Matmul& matmul, cudaStream_t stream) {
  if (p.num_rows == 0) return;
  if (UsesStream(p)) return StreamLinear(p, stream);
  const void* x = p.x;
  if (p.norm_weight != nullptr) {
    RmsNorm({p.x, p.norm_weight, nullptr, p.num_rows, p.in_size, p.epsilon, p.norm_offset, p.type,
             workspace},
            stream);
    x = workspace;
  }
  void* product = p.gated ? static_cast<char*>(workspace) + NormedBytes(p) : p.y;
  matmul.Multiply(
      {x, p.weight, p.bias, p.residual, p.num_rows, p.in_size, p.WeightRows(), p.type, product},
      stream);
  if (p.gated) GatedRows({product, p.num_rows, p.out_size, p.gate, p.type, p.y}, stream);
}

}  // namespace cacheblend::cuda
