#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "kernels/cuda/check.h"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_pack.cuh"

namespace cacheblend::cuda {
namespace {

constexpr int kWarps = 4;

// One warp: one row, one head.
template <typename T>
__global__ void __launch_bounds__(32 * kWarps)
    Combine(const __grid_constant__ AttentionLaunch launch) {
  const KeySplit& split = launch.split;
  const int64_t heads = launch.params.num_rows * launch.params.num_heads;
  const int64_t head = int64_t{blockIdx.x} * kWarps + threadIdx.x / 32;
  const int lane = threadIdx.x % 32, size = launch.params.kv.head_size;
  if (head >= heads) return;

  float maximum = -INFINITY;
  for (int z = lane; z < split.count; z += 32) {
    maximum = fmaxf(maximum, split.statistics[z * heads + head].x);
  }
  for (int step = 16; step > 0; step /= 2) {
    maximum = fmaxf(maximum, __shfl_xor_sync(~0u, maximum, step));
  }

  float sum = 0;
  float4 out = {0, 0, 0, 0};
  const bool active = lane * 4 < size;
#pragma unroll 8
  for (int z = 0; z < split.count; ++z) {
    const float2 part = split.statistics[z * heads + head];
    if (part.y == 0) continue;  // the sequence has no keys there, and nothing was written
    const float weight = exp2f(part.x - maximum);
    sum += part.y * weight;
    if (!active) continue;
    const float4 x =
        *reinterpret_cast<const float4*>(split.partials + (z * heads + head) * size + lane * 4);
    out.x += x.x * weight;
    out.y += x.y * weight;
    out.z += x.z * weight;
    out.w += x.w * weight;
  }
  if (!active) return;
  uint2 packed = {Pack<T>(out.x / sum, out.y / sum), Pack<T>(out.z / sum, out.w / sum)};
  *reinterpret_cast<uint2*>(static_cast<T*>(launch.params.out) + head * size + lane * 4) = packed;
}

}  // namespace

void LaunchCombine(const AttentionLaunch& launch, cudaStream_t stream) {
  const int64_t heads = launch.params.num_rows * launch.params.num_heads;
  const auto blocks = static_cast<unsigned>((heads + kWarps - 1) / kWarps);
  if (launch.params.kv.type == ElementType::kFloat16) {
    Combine<__half><<<blocks, 32 * kWarps, 0, stream>>>(launch);
  } else {
    Combine<__nv_bfloat16><<<blocks, 32 * kWarps, 0, stream>>>(launch);
  }
  Check(cudaGetLastError(), "launch of PartialAttention's combine kernel");
}

}  // namespace cacheblend::cuda
