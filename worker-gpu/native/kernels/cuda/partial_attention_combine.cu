#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "kernels/cuda/dependent_launch.cuh"
#include "kernels/cuda/kv_address.cuh"
#include "kernels/cuda/partial_attention_kernels.cuh"
#include "kernels/cuda/partial_attention_mma_ops.cuh"
#include "kernels/cuda/partial_attention_pack.cuh"

namespace cacheblend::cuda {
namespace {

constexpr int kWarps = 4;

// Partial results of one row and head: `first`, `first` + `stride`, ...
struct Parts {
  int64_t first, stride;
  int count;
};

// Merges columns [begin, begin + 128) of the partial results of a row and head, by one thread
// block. Parts are distributed over warps; a lane owns four columns. `head` is the index of the
// result.
template <typename T>
__device__ void CombineColumns(const AttentionLaunch& launch, const Parts& parts, int64_t head,
                               int begin) {
  __shared__ float4 outs[kWarps][32];
  __shared__ float sums[kWarps];
  const KeySplit& split = launch.split;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, size = launch.params.kv.head_size;
  const int column = begin + lane * 4;
  const bool active = column < size;
  float maximum = -INFINITY, sum = 0;
  float4 out = {0, 0, 0, 0};
  for (int z = lane; z < parts.count; z += 32) {
    maximum = fmaxf(maximum, split.statistics[parts.first + z * parts.stride].x);
  }
  for (int step = 16; step > 0; step /= 2) {
    maximum = fmaxf(maximum, __shfl_xor_sync(~0u, maximum, step));
  }
#pragma unroll 4
  for (int z = warp; z < parts.count; z += kWarps) {
    const int64_t index = parts.first + z * parts.stride;
    const float2 part = split.statistics[index];
    const float weight = Exp2(part.x - maximum);
    const float* at = split.partials + index * size + (active ? column : 0);
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
  *reinterpret_cast<uint2*>(static_cast<T*>(launch.params.out) + head * size + column) = packed;
}

template <typename T>
__device__ void CombineHead(const AttentionLaunch& launch, const Parts& parts, int64_t head) {
  for (int begin = 0; begin < launch.params.kv.head_size; begin += 128) {
    if (begin > 0) __syncthreads();  // readers of shared memory
    CombineColumns<T>(launch, parts, head, begin);
  }
}

// One thread block per row and head.
template <typename T>
__global__ void __launch_bounds__(32 * kWarps)
    Combine(const __grid_constant__ AttentionLaunch launch) {
  const int64_t heads = Heads(launch), head = blockIdx.x;
  AwaitPrimary();
  if (launch.item_pairs > 0) {
    const PartialAttentionParams& p = launch.params;
    const int64_t row = head / p.num_heads;
    const int s = WarpSequenceOf(p.row_offsets, p.num_sequences, row);
    const int64_t rows = p.row_offsets[s + 1] - p.row_offsets[s];
    if (rows * (p.num_heads / p.kv.num_kv_heads) <= launch.item_pairs) return;
  }
  CombineHead<T>(launch, {head, heads, launch.split.count}, head);
}

struct MergeLaunch {
  AttentionLaunch attention;
  const AttentionMerge* merges;
};

// Grid: pairs of a KV head, KV heads, merges.
template <typename T>
__global__ void __launch_bounds__(32 * kWarps)
    MergeItems(const __grid_constant__ MergeLaunch launch) {
  const PartialAttentionParams& p = launch.attention.params;
  const int pair = blockIdx.x, kv_head = blockIdx.y, group = p.num_heads / p.kv.num_kv_heads;
  AwaitPrimary();
  const AttentionMerge merge = launch.merges[blockIdx.z];
  const int64_t begin = p.row_offsets[merge.sequence];
  const auto pairs = static_cast<int>(p.row_offsets[merge.sequence + 1] - begin) * group;
  if (pair >= pairs) return;
  const int64_t head = (begin + pair / group) * p.num_heads + kv_head * group + pair % group;
  const int64_t first = merge.first_partial + kv_head * pairs + pair;
  CombineHead<T>(launch.attention, {first, int64_t{p.kv.num_kv_heads} * pairs, merge.count}, head);
}

template <typename T>
void Launch(const AttentionLaunch& launch, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(launch.params.num_rows * launch.params.num_heads));
  LaunchEarly<Combine<T>>(grid, 32 * kWarps, 0, stream, launch,
                          "PartialAttention: launch of Combine");
}

template <typename T>
void LaunchMerges(const MergeLaunch& launch, int count, int max_pairs, cudaStream_t stream) {
  const dim3 grid(max_pairs, launch.attention.params.kv.num_kv_heads, count);
  LaunchEarly<MergeItems<T>>(grid, 32 * kWarps, 0, stream, launch,
                             "PartialAttention: launch of MergeItems");
}

}  // namespace

void LaunchMergeItems(const AttentionLaunch& attention, const AttentionMerge* merges, int count,
                      int max_pairs, cudaStream_t stream) {
  const MergeLaunch launch = {attention, merges};
  if (attention.params.kv.type == ElementType::kFloat16) {
    LaunchMerges<__half>(launch, count, max_pairs, stream);
  } else {
    LaunchMerges<__nv_bfloat16>(launch, count, max_pairs, stream);
  }
}

void LaunchCombine(const AttentionLaunch& launch, cudaStream_t stream) {
  if (launch.params.kv.type == ElementType::kFloat16) {
    Launch<__half>(launch, stream);
  } else {
    Launch<__nv_bfloat16>(launch, stream);
  }
}

}  // namespace cacheblend::cuda
