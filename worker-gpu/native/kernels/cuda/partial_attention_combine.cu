#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_ops.cuh"
#include "kernels/cuda/partial_attention_pack.cuh"

namespace cacheblend::cuda {
namespace {

constexpr int kWarps = 4;

// One thread block per row and head. Splits are distributed over warps; a lane owns four columns.
template <typename T>
__global__ void __launch_bounds__(32 * kWarps)
    Combine(const __grid_constant__ AttentionLaunch launch) {
  __shared__ float4 outs[kWarps][32];
  __shared__ float sums[kWarps];
  const KeySplit& split = launch.split;
  const int64_t heads = Heads(launch), head = blockIdx.x;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, size = launch.params.kv.head_size;
  const bool active = lane * 4 < size;

  AwaitPrimary();
  float maximum = -INFINITY, sum = 0;
  float4 out = {0, 0, 0, 0};
  for (int z = lane; z < split.count; z += 32) {
    maximum = fmaxf(maximum, split.statistics[z * heads + head].x);
  }
  for (int step = 16; step > 0; step /= 2) {
    maximum = fmaxf(maximum, __shfl_xor_sync(~0u, maximum, step));
  }
#pragma unroll 4
  for (int z = warp; z < split.count; z += kWarps) {
    const float2 part = split.statistics[z * heads + head];
    const float weight = Exp2(part.x - maximum);
    const float* at = split.partials + (z * heads + head) * size + (active ? lane * 4 : 0);
    const float4 x = *reinterpret_cast<const float4*>(at);
    sum += part.y * weight;
    // Splits without keys of the sequence have written no partial result.
    out.x += part.y == 0 ? 0 : x.x * weight;
    out.y += part.y == 0 ? 0 : x.y * weight;
    out.z += part.y == 0 ? 0 : x.z * weight;
    out.w += part.y == 0 ? 0 : x.w * weight;
  }
  outs[warp][lane] = out;
  if (lane == 0) sums[warp] = sum;
  __syncthreads();
  if (warp != 0 || !active) return;
  for (int w = 1; w < kWarps; ++w) {
    sum += sums[w];
    out.x += outs[w][lane].x;
    out.y += outs[w][lane].y;
    out.z += outs[w][lane].z;
    out.w += outs[w][lane].w;
  }
  const uint2 packed = {Pack<T>(out.x / sum, out.y / sum), Pack<T>(out.z / sum, out.w / sum)};
  *reinterpret_cast<uint2*>(static_cast<T*>(launch.params.out) + head * size + lane * 4) = packed;
}

template <typename T>
void Launch(const AttentionLaunch& launch, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(launch.params.num_rows * launch.params.num_heads));
  LaunchEarly<Combine<T>>(grid, 32 * kWarps, 0, stream, launch,
                          "PartialAttention: launch of Combine");
}

}  // namespace

void LaunchCombine(const AttentionLaunch& launch, cudaStream_t stream) {
  if (launch.params.kv.type == ElementType::kFloat16) {
    Launch<__half>(launch, stream);
  } else {
    Launch<__nv_bfloat16>(launch, stream);
  }
}

}  // namespace cacheblend::cuda
